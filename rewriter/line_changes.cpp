#include "rewriter/line_changes.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <unordered_map>
#include <utility>

namespace untrack {
namespace {

using Lines = std::span<const std::uint32_t>;

// Part of both texts: old lines [old_begin, old_end), new lines [new_begin, new_end).
using Part = LineChange;

struct Pair {
  std::uint32_t old_line;
  std::uint32_t new_line;
};

// Finds which lines stay. Whatever is not marked as staying is a change, so that giving up on a
// part is always sound.
class Comparison {
 public:
  Comparison(Lines old_lines, Lines new_lines)
      : old_(old_lines),
        new_(new_lines),
        old_stays_(old_lines.size(), false),
        new_stays_(new_lines.size(), false) {}

  void compare_all() {
    Part all{0, static_cast<std::uint32_t>(old_.size()), 0,
             static_cast<std::uint32_t>(new_.size())};
    if (compare(&all)) return;
    const std::vector<Pair> anchors = unique_in_both(all);
    Part gap = all;
    for (const Pair& anchor : anchors) {
      stays(anchor);
      gap.old_end = anchor.old_line;
      gap.new_end = anchor.new_line;
      compare(&gap);
      gap = {anchor.old_line + 1, all.old_end, anchor.new_line + 1, all.new_end};
    }
    if (!anchors.empty()) compare(&gap);
  }

  [[nodiscard]] std::vector<LineChange> changes() const {
    std::vector<LineChange> found;
    std::uint32_t old_at = 0;
    std::uint32_t new_at = 0;
    while (old_at < old_.size() || new_at < new_.size()) {
      LineChange change{old_at, old_at, new_at, new_at};
      while (change.old_end < old_.size() && !old_stays_[change.old_end]) ++change.old_end;
      while (change.new_end < new_.size() && !new_stays_[change.new_end]) ++change.new_end;
      const bool is_change = change.old_end != old_at || change.new_end != new_at;
      if (is_change) found.push_back(change);
      // Both are at the next line that stays, or at the end.
      old_at = change.old_end + 1;
      new_at = change.new_end + 1;
    }
    return found;
  }

 private:
  void stays(const Pair& pair) {
    old_stays_[pair.old_line] = true;
    new_stays_[pair.new_line] = true;
  }

  // Takes equal lines off both ends of `part` and compares the rest; false, with the rest in
  // `part`, if it differs in too much.
  bool compare(Part* part) {
    while (part->old_begin < part->old_end && part->new_begin < part->new_end &&
           old_[part->old_begin] == new_[part->new_begin]) {
      stays({part->old_begin++, part->new_begin++});
    }
    while (part->old_begin < part->old_end && part->new_begin < part->new_end &&
           old_[part->old_end - 1] == new_[part->new_end - 1]) {
      stays({--part->old_end, --part->new_end});
    }
    if (part->old_begin == part->old_end || part->new_begin == part->new_end) return true;
    return fewest_changes(*part);
  }

  // E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1 (1986): for
  // each number of changes how far one comes on each diagonal (old line minus new line). Every
  // round is remembered, and the way is followed back from the end.
  bool fewest_changes(const Part& part) {
    const Lines a = old_.subspan(part.old_begin, part.old_end - part.old_begin);
    const Lines b = new_.subspan(part.new_begin, part.new_end - part.new_begin);
    const auto a_size = static_cast<std::int64_t>(a.size());
    const auto b_size = static_cast<std::int64_t>(b.size());
    constexpr std::int64_t bound = most_minimal_changes;
    if (a_size - b_size > bound || b_size - a_size > bound) return false;

    // rounds[d][(k + d) / 2]: the old line reached on diagonal k after d changes; k has the parity
    // of d.
    std::vector<std::vector<std::int64_t>> rounds;
    const auto reached = [&rounds](std::int64_t d, std::int64_t k) {
      return rounds[static_cast<std::size_t>(d)][static_cast<std::size_t>((k + d) / 2)];
    };
    // Where one stands on diagonal k with d changes before following equal lines, and whether the
    // last change removed an old line.
    const auto step = [&reached](std::int64_t d, std::int64_t k) -> std::pair<std::int64_t, bool> {
      if (d == 0) return {0, false};
      const bool adds = k == -d || (k != d && reached(d - 1, k - 1) < reached(d - 1, k + 1));
      return adds ? std::pair{reached(d - 1, k + 1), false}
                  : std::pair{reached(d - 1, k - 1) + 1, true};
    };
    for (std::int64_t d = 0; d <= bound; ++d) {
      std::vector<std::int64_t>& round = rounds.emplace_back();
      round.reserve(static_cast<std::size_t>(d) + 1);
      for (std::int64_t k = -d; k <= d; k += 2) {
        std::int64_t x = step(d, k).first;
        // Beyond an edge of the texts (x > a_size or x - k > b_size) there is nothing to follow,
        // and no way back into them.
        while (x < a_size && x - k < b_size &&
               a[static_cast<std::size_t>(x)] == b[static_cast<std::size_t>(x - k)]) {
          ++x;
        }
        round.push_back(x);
        if (x == a_size && x - k == b_size) {
          mark(part, d, k, rounds, step);
          return true;
        }
      }
    }
    return false;
  }

  template <class Step>
  void mark(const Part& part, std::int64_t d, std::int64_t k,
            const std::vector<std::vector<std::int64_t>>& rounds, const Step& step) {
    for (; d >= 0; --d) {
      const std::pair<std::int64_t, bool> from = step(d, k);
      const std::int64_t end =
          rounds[static_cast<std::size_t>(d)][static_cast<std::size_t>((k + d) / 2)];
      for (std::int64_t x = from.first; x < end; ++x) {
        stays({part.old_begin + static_cast<std::uint32_t>(x),
               part.new_begin + static_cast<std::uint32_t>(x - k)});
      }
      k += from.second ? -1 : 1;
    }
  }

  // Lines that are once in each side of `part`, as many as are in the same order in both.
  [[nodiscard]] std::vector<Pair> unique_in_both(const Part& part) const {
    struct Seen {
      std::uint32_t old_times = 0;
      std::uint32_t new_times = 0;
      std::uint32_t old_line = 0;
    };
    std::unordered_map<std::uint32_t, Seen> seen;
    for (std::uint32_t i = part.old_begin; i < part.old_end; ++i) {
      Seen& line = seen[old_[i]];
      ++line.old_times;
      line.old_line = i;
    }
    for (std::uint32_t j = part.new_begin; j < part.new_end; ++j) ++seen[new_[j]].new_times;

    // The longest run of rising old lines: tails[n] is the pair at which a run of n + 1 ends
    // lowest, before[i] the one ahead of it in the run.
    std::vector<Pair> pairs;
    std::vector<std::optional<std::size_t>> before;
    std::vector<std::size_t> tails;
    for (std::uint32_t j = part.new_begin; j < part.new_end; ++j) {
      const Seen& line = seen[new_[j]];
      if (line.old_times != 1 || line.new_times != 1) continue;
      const auto place = std::lower_bound(tails.begin(), tails.end(), line.old_line,
                                          [&pairs](std::size_t tail, std::uint32_t old_line) {
                                            return pairs[tail].old_line < old_line;
                                          });
      before.push_back(place == tails.begin() ? std::nullopt : std::optional(*std::prev(place)));
      if (place == tails.end()) {
        tails.push_back(pairs.size());
      } else {
        *place = pairs.size();
      }
      pairs.push_back({line.old_line, j});
    }
    std::vector<Pair> longest;
    std::optional<std::size_t> at = tails.empty() ? std::nullopt : std::optional(tails.back());
    for (; at; at = before[*at]) longest.push_back(pairs[*at]);
    std::reverse(longest.begin(), longest.end());
    return longest;
  }

  Lines old_;
  Lines new_;
  std::vector<bool> old_stays_;
  std::vector<bool> new_stays_;
};

}  // namespace

std::vector<LineChange> changed_lines(Lines old_lines, Lines new_lines) {
  Comparison comparison(old_lines, new_lines);
  comparison.compare_all();
  return comparison.changes();
}

}  // namespace untrack
