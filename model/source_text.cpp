#include "model/source_text.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

#include "model/newlines.hpp"

namespace untrack {

Span cover(const Span& first, const Span& second) {
  if (first.source != second.source) throw std::logic_error("cover: spans of two sources");
  return {first.source, std::min(first.begin, second.begin), std::max(first.end, second.end)};
}

SourceText::SourceText(std::string path, std::string text)
    : path_(std::move(path)), text_(std::move(text)) {
  if (text_.size() >= std::numeric_limits<std::uint32_t>::max()) {
    throw std::length_error("an input of 4 GiB or more");
  }
  // Where it grows step by step, a vector leaves as much memory behind as it takes.
  line_starts_.reserve(estimated_lines(text_));
  line_starts_.push_back(0);
  for_each_newline(text_, [&](std::size_t end) {
    if (end + 1 != text_.size()) line_starts_.push_back(static_cast<std::uint32_t>(end + 1));
  });
}

std::string_view SourceText::text(const Span& span) const {
  return std::string_view(text_).substr(span.begin, span.size());
}

std::uint32_t SourceText::line_of(std::uint32_t offset) const {
  const auto next = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  return static_cast<std::uint32_t>(next - line_starts_.begin()) - 1;
}

Location SourceText::locate(const Span& span) const {
  const std::uint32_t first = line_of(span.begin);
  // A span that ends with a newline ends on that newline's line, not at the start of the next.
  const std::uint32_t last = span.empty() ? first : line_of(span.end - 1);
  return {first + 1, span.begin - line_starts_[first] + 1, last + 1,
          span.end - line_starts_[last] + 1};
}

std::string_view SourceText::line(std::uint32_t line) const {
  if (line == 0 || line > line_starts_.size()) return {};
  const std::uint32_t begin = line_starts_[line - 1];
  const std::size_t end =
      line < line_starts_.size() ? line_starts_[line] : static_cast<std::size_t>(text_.size());
  std::string_view found = std::string_view(text_).substr(begin, end - begin);
  if (found.ends_with('\n')) found.remove_suffix(1);
  return found;
}

std::uint32_t SourceText::line_count() const {
  return text_.empty() ? 0 : static_cast<std::uint32_t>(line_starts_.size());
}

SourceId Sources::add(std::string path, std::string text) {
  texts_.push_back(std::make_unique<const SourceText>(std::move(path), std::move(text)));
  return static_cast<SourceId>(texts_.size() - 1);
}

const SourceText& Sources::operator[](SourceId id) const {
  return *texts_.at(static_cast<std::size_t>(id));
}

std::string_view Sources::text(const Span& span) const { return (*this)[span.source].text(span); }

Location Sources::locate(const Span& span) const { return (*this)[span.source].locate(span); }

}  // namespace untrack
