// most_together: of things that may stand in each other's way, as many as go together. What goes is
// tried by halves, so that one that stands in the way costs no more than a few trials. Used where
// each trial is a proof.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace untrack {

// `go_together(rows)` tries some, in their order; `leave(row, was_tried)` is told of each that does
// not go with those that are taken, was_tried being false once there were `trials` trials. All rows
// together are known not to go. Earlier rows are taken first.
template <class Row, class GoTogether, class Leave>
[[nodiscard]] std::vector<Row> most_together(const std::vector<Row>& rows, std::size_t trials,
                                             GoTogether&& go_together, Leave&& leave) {
  std::vector<Row> taken;
  const auto grow = [&](const auto& self, std::span<const Row> more) -> void {
    const std::size_t half = more.size() / 2;
    for (const auto part : {more.first(half), more.subspan(half)}) {
      if (part.empty()) continue;
      if (trials == 0) {
        for (const Row& row : part) leave(row, false);
        continue;
      }
      --trials;
      std::vector<Row> both = taken;
      both.insert(both.end(), part.begin(), part.end());
      if (go_together(both)) {
        taken = std::move(both);
      } else if (part.size() == 1) {
        leave(part.front(), true);
      } else {
        self(self, part);
      }
    }
  };
  grow(grow, rows);
  return taken;
}

}  // namespace untrack
