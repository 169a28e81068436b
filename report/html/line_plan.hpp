// LinePlan: which lines of the inputs a page shows, and under which ids. Made once a page; used by
// the listing of the rules, and by everything that links to a line of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/source_text.hpp"

namespace untrack::html {

// Lines [first, last], from 1.
struct LineRange {
  std::uint32_t first = 1;
  std::uint32_t last = 1;
};

class LinePlan {
 public:
  // Up to this many lines all are shown; of more, those of `marked` with some lines around each.
  static constexpr std::uint32_t whole_file = 2000;
  static constexpr std::uint32_t most_lines = 3000;  // of a page
  static constexpr std::uint32_t context = 3;

  // `listed`: the sources to show; `marked`: what must be seen of them, the most important first.
  LinePlan(const Sources& sources, std::vector<SourceId> listed, const std::vector<Span>& marked);

  [[nodiscard]] const std::vector<SourceId>& listed() const { return listed_; }
  // In order, not touching each other.
  [[nodiscard]] const std::vector<LineRange>& ranges(SourceId source) const;
  [[nodiscard]] bool shows(SourceId source, std::uint32_t line) const;
  // Of the line on which the span begins; empty if it is not shown.
  [[nodiscard]] std::string id_of(const Span& span) const;
  // "rules.v4:12", the folder only where two files have one name; "line 12" where there is one
  // file. Not escaped.
  [[nodiscard]] std::string place(const Span& span) const;
  // The same as a link, where the line is shown.
  [[nodiscard]] std::string link(const Span& span) const;
  // With these words in place of it.
  [[nodiscard]] std::string link(const Span& span, std::string_view words) const;
  // "rules.v4" as in place().
  [[nodiscard]] std::string name(SourceId source) const;
  [[nodiscard]] const Sources& sources() const { return sources_; }

 private:
  const Sources& sources_;
  std::vector<SourceId> listed_;
  std::vector<std::vector<LineRange>> ranges_;  // by source
};

// "s0-12": nothing of a path is in it.
[[nodiscard]] std::string line_id(SourceId source, std::uint32_t line);

}  // namespace untrack::html
