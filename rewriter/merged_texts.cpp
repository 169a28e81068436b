#include "rewriter/merged_texts.hpp"

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "rewriter/line_changes.hpp"

namespace untrack {
namespace {

using Lines = std::vector<std::string_view>;

// With their newlines.
Lines lines_of(std::string_view text) {
  Lines lines;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find('\n'), text.size() - 1) + 1;
    lines.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return lines;
}

// A change of either text.
struct Change {
  LineChange lines;
  const Lines* text = nullptr;

  [[nodiscard]] std::string words() const {
    std::string all;
    for (std::uint32_t i = lines.new_begin; i < lines.new_end; ++i) all += (*text)[i];
    return all;
  }
  // The same lines of the original become the same.
  [[nodiscard]] bool is_like(const Change& other) const {
    return lines.old_begin == other.lines.old_begin && lines.old_end == other.lines.old_end &&
           lines.old_begin != lines.old_end && words() == other.words();
  }
};

}  // namespace

std::optional<std::string> merged(std::string_view original, std::string_view one,
                                  std::string_view other) {
  std::unordered_map<std::string_view, std::uint32_t> known;
  const auto numbers = [&](const Lines& lines) {
    std::vector<std::uint32_t> found;
    found.reserve(lines.size());
    for (const std::string_view line : lines) {
      found.push_back(known.emplace(line, static_cast<std::uint32_t>(known.size())).first->second);
    }
    return found;
  };
  const Lines old_lines = lines_of(original);
  const std::vector<std::uint32_t> old_numbers = numbers(old_lines);
  std::vector<Change> changes;
  const Lines first = lines_of(one);
  const Lines second = lines_of(other);
  for (const Lines* lines : {&first, &second}) {
    for (const LineChange& change : changed_lines(old_numbers, numbers(*lines))) {
      changes.push_back({change, lines});
    }
  }
  std::stable_sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
    return std::pair(a.lines.old_begin, a.lines.old_end) <
           std::pair(b.lines.old_begin, b.lines.old_end);
  });
  std::string text;
  std::uint32_t copied = 0;
  const Change* before = nullptr;
  for (const Change& change : changes) {
    if (before != nullptr && before->is_like(change)) continue;
    if (change.lines.old_begin < copied) return std::nullopt;
    for (; copied < change.lines.old_begin; ++copied) text += old_lines[copied];
    if (!text.empty() && !text.ends_with('\n')) text += '\n';
    text += change.words();
    copied = change.lines.old_end;
    before = &change;
  }
  for (; copied < old_lines.size(); ++copied) text += old_lines[copied];
  return text;
}

}  // namespace untrack
