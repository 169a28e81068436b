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

}  // namespace

std::string line_id(SourceId source, std::uint32_t line) {
  return fmt::format("s{}-{}", index_of(source), line);
}

LinePlan::LinePlan(const Sources& sources, std::vector<SourceId> listed, std::vector<Span> marked)
    : sources_(sources), listed_(std::move(listed)), ranges_(sources.size()) {
  std::ranges::sort(marked);
  std::uint32_t left = most_lines;
  for (const SourceId source : listed_) {
    std::vector<LineRange>& ranges = ranges_[index_of(source)];
    const std::uint32_t lines = sources[source].line_count();
    if (lines <= std::min(whole_file, left)) {
      if (lines > 0) ranges.push_back({1, lines});
      left -= lines;
      continue;
    }
    for (const Span& span : marked) {
      if (span.source != source) continue;
      const std::uint32_t line = sources.locate(span).line;
      LineRange around{line > context ? line - context : 1, std::min(lines, line + context)};
      if (!ranges.empty() && around.first <= ranges.back().last + 1) {
        around.first = std::min(ranges.back().last + 1, around.last + 1);
      }
      if (around.first > around.last) continue;
      const std::uint32_t more = around.last - around.first + 1;
      if (more > left) break;
      left -= more;
      if (!ranges.empty() && around.first == ranges.back().last + 1) {
        ranges.back().last = around.last;
      } else {
        ranges.push_back(around);
      }
    }
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
