#include "rewriter/unified_diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>
#include <unordered_map>
#include <utility>

#include "rewriter/line_changes.hpp"

namespace untrack {
namespace {

constexpr std::uint32_t context_lines = 3;

// With their newlines, so that a last line without one differs from the same line with one.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t newline = text.find('\n');
    const std::size_t size = newline == std::string_view::npos ? text.size() : newline + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

using Numbers = std::unordered_map<std::string_view, std::uint32_t>;

std::vector<std::uint32_t> numbers_of(const std::vector<std::string_view>& lines, Numbers* known) {
  std::vector<std::uint32_t> numbers;
  numbers.reserve(lines.size());
  for (const std::string_view line : lines) {
    numbers.push_back(
        known->emplace(line, static_cast<std::uint32_t>(known->size())).first->second);
  }
  return numbers;
}

void append(Hunk* hunk, DiffLineKind kind, const std::vector<std::string_view>& lines,
            std::uint32_t begin, std::uint32_t end) {
  for (std::uint32_t i = begin; i < end; ++i) {
    std::string_view line = lines[i];
    const bool ends_in_newline = line.ends_with('\n');
    if (ends_in_newline) line.remove_suffix(1);
    hunk->lines.push_back({kind, std::string(line), ends_in_newline});
  }
}

// Changes so near to each other that their context would touch make one hunk.
Hunk hunk_of(std::span<const LineChange> changes, const std::vector<std::string_view>& old_lines,
             const std::vector<std::string_view>& new_lines) {
  const LineChange& first = changes.front();
  const LineChange& last = changes.back();
  // Lines around a change are equal, so that either side can tell how many there are.
  const std::uint32_t ahead = std::min(first.old_begin, context_lines);
  const std::uint32_t behind =
      std::min(static_cast<std::uint32_t>(old_lines.size()) - last.old_end, context_lines);
  Hunk hunk;
  std::uint32_t old_at = first.old_begin - ahead;
  hunk.old_count = last.old_end + behind - old_at;
  hunk.new_count = last.new_end + behind - (first.new_begin - ahead);
  hunk.old_first = old_at + (hunk.old_count == 0 ? 0 : 1);
  hunk.new_first = first.new_begin - ahead + (hunk.new_count == 0 ? 0 : 1);
  for (const LineChange& change : changes) {
    append(&hunk, DiffLineKind::context, old_lines, old_at, change.old_begin);
    append(&hunk, DiffLineKind::removed, old_lines, change.old_begin, change.old_end);
    append(&hunk, DiffLineKind::added, new_lines, change.new_begin, change.new_end);
    old_at = change.old_end;
  }
  append(&hunk, DiffLineKind::context, old_lines, old_at, old_at + behind);
  return hunk;
}

// GNU diffutils, "Detailed Unified": one line needs no count.
std::string range(std::uint32_t first, std::uint32_t count) {
  return count == 1 ? std::to_string(first) : fmt::format("{},{}", first, count);
}

char sign(DiffLineKind kind) {
  switch (kind) {
    case DiffLineKind::context:
      return ' ';
    case DiffLineKind::removed:
      return '-';
    case DiffLineKind::added:
      return '+';
  }
  return ' ';
}

}  // namespace

UnifiedDiff unified_diff(std::string old_name, std::string_view old_text, std::string new_name,
                         std::string_view new_text) {
  UnifiedDiff diff{std::move(old_name), std::move(new_name), {}};
  if (old_text == new_text) return diff;
  const std::vector<std::string_view> old_lines = lines_of(old_text);
  const std::vector<std::string_view> new_lines = lines_of(new_text);
  Numbers known;
  known.reserve(old_lines.size());
  const std::vector<std::uint32_t> old_numbers = numbers_of(old_lines, &known);
  const std::vector<std::uint32_t> new_numbers = numbers_of(new_lines, &known);
  const std::vector<LineChange> changes = changed_lines(old_numbers, new_numbers);
  for (auto first = changes.begin(); first != changes.end();) {
    auto behind = std::next(first);
    while (behind != changes.end() &&
           behind->old_begin - std::prev(behind)->old_end <= 2 * context_lines) {
      ++behind;
    }
    diff.hunks.push_back(hunk_of({first, behind}, old_lines, new_lines));
    first = behind;
  }
  return diff;
}

std::string hunk_header(const Hunk& hunk) {
  return fmt::format("@@ -{} +{} @@", range(hunk.old_first, hunk.old_count),
                     range(hunk.new_first, hunk.new_count));
}

std::string diff_name(std::string_view name) {
  std::string quoted = "\"";
  bool needs_quotes = false;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
      needs_quotes = true;
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += fmt::format("\\{:03o}", byte);
      needs_quotes = true;
    } else {
      quoted += c;
    }
  }
  if (needs_quotes) return quoted + '"';
  // Without a tab behind it a name may end at its first space.
  return std::string(name) + (name.find(' ') == std::string_view::npos ? "" : "\t");
}

std::string raw_text(const UnifiedDiff& diff) {
  if (diff.empty()) return "";
  std::string text =
      fmt::format("--- {}\n+++ {}\n", diff_name(diff.old_name), diff_name(diff.new_name));
  for (const Hunk& hunk : diff.hunks) {
    text += hunk_header(hunk) + '\n';
    for (const DiffLine& line : hunk.lines) {
      text += sign(line.kind);
      text += line.text;
      text += '\n';
      if (!line.ends_in_newline) text += "\\ No newline at end of file\n";
    }
  }
  return text;
}

}  // namespace untrack
