// Which lines of one text became which lines of another. Used by unified_diff, apart from it
// because it knows nothing of texts: a line is a number, equal lines have equal numbers.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace untrack {

// Lines [old_begin, old_end) became [new_begin, new_end), counted from 0; one of them may be empty.
struct LineChange {
  std::uint32_t old_begin = 0;
  std::uint32_t old_end = 0;
  std::uint32_t new_begin = 0;
  std::uint32_t new_end = 0;

  friend bool operator==(const LineChange&, const LineChange&) = default;
};

// In order, with at least one equal line between two of them; all lines outside are equal. As few
// changed lines as possible up to most_minimal_changes of them; for more it takes lines that are
// unique in both as given and may find longer changes, which are as true. At worst time is lines
// times most_minimal_changes, memory lines plus its square.
inline constexpr std::uint32_t most_minimal_changes = 512;
[[nodiscard]] std::vector<LineChange> changed_lines(std::span<const std::uint32_t> old_lines,
                                                    std::span<const std::uint32_t> new_lines);

}  // namespace untrack
