// The nearest right word for a wrong one: "did you mean ...?". Used wherever an error can name what
// was probably meant: values, options, chains, checks, commands.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace untrack {

// Edits that turn one word into the other: inserted, left out, replaced and swapped neighbouring
// letters (optimal string alignment), ignoring case. `limit + 1` as soon as more are needed, and
// for words of more than 63 letters, so that a hostile word costs nothing.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

// For candidates that come one by one, from a table that is no list of words.
class Nearest {
 public:
  explicit Nearest(std::string_view wanted);
  // Of candidates at the same distance the one that was offered first stays.
  void offer(std::string_view candidate);
  // Empty if no candidate is near: at most one edit per three letters of what was written, at least
  // one; a word of one letter is near to nothing.
  [[nodiscard]] std::string_view best() const { return best_; }

 private:
  std::string_view wanted_;
  std::size_t limit_;
  std::string_view best_;
};

// The same for a list.
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view word,
                                                      std::span<const std::string_view> candidates);

}  // namespace untrack
