// The difference of two texts as people and patch(1) read it: hunks of lines with context around
// them. Used by rewrites, to show what they would change. What is written by raw_text() is taken by
// `patch -p0` and `git apply -p0`, and gives the new text byte for byte.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace untrack {

enum class DiffLineKind : std::uint8_t { context, removed, added };

// One line as it is in the text, with whatever control characters it has: a report escapes it
// before it goes to a terminal. A carriage return ahead of the newline belongs to the line.
struct DiffLine {
  DiffLineKind kind = DiffLineKind::context;
  std::string text;             // without its newline
  bool ends_in_newline = true;  // false only for the last line of a text
};

// Line numbers count from 1; where a side has no lines, its first is the line ahead of the place.
struct Hunk {
  std::uint32_t old_first = 0;
  std::uint32_t old_count = 0;
  std::uint32_t new_first = 0;
  std::uint32_t new_count = 0;
  std::vector<DiffLine> lines;  // what is removed ahead of what is added
};

struct UnifiedDiff {
  std::string old_name;
  std::string new_name;
  std::vector<Hunk> hunks;  // none: the texts are equal

  [[nodiscard]] bool empty() const { return hunks.empty(); }
};

// With three lines of context. Few changes in many lines cost little more than reading them
// (line_changes.hpp); texts are limited to 2^32 - 1 lines each.
[[nodiscard]] UnifiedDiff unified_diff(std::string old_name, std::string_view old_text,
                                       std::string new_name, std::string_view new_text);

// "@@ -1,4 +1,3 @@", without a newline.
[[nodiscard]] std::string hunk_header(const Hunk& hunk);

// A name as the lines "---" and "+++" hold it, so that patch(1) takes it as one name: in quotes if
// it has quotes, backslashes or control characters, with a tab behind it if it has spaces.
[[nodiscard]] std::string diff_name(std::string_view name);

// The diff as a file; nothing for an empty one. Lines are not escaped.
[[nodiscard]] std::string raw_text(const UnifiedDiff& diff);

}  // namespace untrack
