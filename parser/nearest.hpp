// Nearest: the word of a table that someone who mistyped most likely meant. Used by the readers of
// values, options and names for the label "did you mean ...?".
#pragma once

#include <cstddef>
#include <string_view>

namespace untrack {

// Edits that turn one word into the other: inserted, left out, replaced and swapped neighbouring
// letters (optimal string alignment), ignoring case. `limit + 1` as soon as more are needed, and
// for words of more than 63 letters, so that a hostile word costs nothing.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

class Nearest {
 public:
  explicit Nearest(std::string_view wanted);
  // Of candidates at the same distance the one that was offered first stays.
  void offer(std::string_view candidate);
  // Empty if no candidate is near: at most one edit per three letters of what was written, at least
  // one.
  [[nodiscard]] std::string_view best() const { return best_; }

 private:
  std::string_view wanted_;
  std::size_t limit_;
  std::string_view best_;
};

}  // namespace untrack
