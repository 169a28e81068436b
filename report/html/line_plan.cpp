#include "report/html/line_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "report/html/escape.hpp"

namespace untrack::html {
namespace {

std::string_view file_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::size_t index_of(SourceId source) { return static_cast<std::size_t>(source); }

// What is left out must be worth the words that say so.
void add_ranges(const std::vector<bool>& is_shown, std::vector<LineRange>& ranges) {
  constexpr std::uint32_t least_gap = 3;
  for (std::uint32_t i = 0; i < is_shown.size(); ++i) {
    if (!is_shown[i]) continue;
    if (!ranges.empty() && i + 1 <= ranges.back().last + least_gap) {
      ranges.back().last = i + 1;
    } else {
      ranges.push_back({i + 1, i + 1});
    }
  }
}

}  // namespace

std::string line_id(SourceId source, std::uint32_t line) {
  return fmt::format("s{}-{}", index_of(source), line);
}

LinePlan::LinePlan(const Sources& sources, std::vector<SourceId> listed,
                   const std::vector<Span>& marked)
    : sources_(sources), listed_(std::move(listed)), ranges_(sources.size()) {
  std::vector<std::vector<bool>> is_shown(sources.size());  // by line, from 0
  for (const SourceId source : listed_) {
    is_shown[index_of(source)].resize(sources[source].line_count());
  }
  std::size_t left = most_lines;
  for (const Span& span : marked) {
    std::vector<bool>& lines = is_shown[index_of(span.source)];
    const std::size_t line = sources.locate(span).line - 1;
    const std::size_t end = std::min<std::size_t>(lines.size(), line + context + 1);
    for (std::size_t i = line > context ? line - context : 0; i < end && left > 0; ++i) {
      if (lines[i]) continue;
      lines[i] = true;
      --left;
    }
  }
  for (const SourceId source : listed_) {
    std::vector<bool>& lines = is_shown[index_of(source)];
    const auto hidden = static_cast<std::size_t>(std::ranges::count(lines, false));
    if (lines.size() <= whole_file && hidden <= left) {
      lines.assign(lines.size(), true);
      left -= hidden;
    }
    add_ranges(lines, ranges_[index_of(source)]);
  }
}

const std::vector<LineRange>& LinePlan::ranges(SourceId source) const {
  return ranges_[index_of(source)];
}

bool LinePlan::shows(SourceId source, std::uint32_t line) const {
  const auto& ranges = ranges_[index_of(source)];
  const auto at = std::ranges::lower_bound(ranges, line, {}, &LineRange::last);
  return at != ranges.end() && at->first <= line;
}

std::string LinePlan::id_of(const Span& span) const {
  const std::uint32_t line = sources_.locate(span).line;
  return shows(span.source, line) ? line_id(span.source, line) : std::string();
}

std::string LinePlan::name(SourceId source) const {
  const std::string_view path = sources_[source].path();
  const std::string_view name = file_name(path);
  for (const SourceId other : listed_) {
    if (other != source && file_name(sources_[other].path()) == name) return std::string(path);
  }
  return std::string(name);
}

std::string LinePlan::place(const Span& span) const {
  const std::uint32_t line = sources_.locate(span).line;
  if (listed_.size() == 1) return fmt::format("line {}", line);
  return fmt::format("{}:{}", name(span.source), line);
}

std::string LinePlan::link(const Span& span) const { return link(span, place(span)); }

std::string LinePlan::link(const Span& span, std::string_view words) const {
  const std::string id = id_of(span);
  if (id.empty()) return text(words);
  return fmt::format("<a href=\"#{}\">{}</a>", id, text(words));
}

}  // namespace untrack::html
