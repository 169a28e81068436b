// Diagnostic: one statement about a place of a ruleset, printed as compilers do: place, the line,
// the underlined words, why, and what to do. Findings and problems are printed through this, so
// that they look alike. All text in it may come from a ruleset; it is escaped here.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/problem.hpp"
#include "model/source_text.hpp"
#include "report/terminal.hpp"

namespace untrack {

// A further place with its own underline.
struct MarkedPlace {
  Span span;
  std::string label;
};

struct Diagnostic {
  Style style = Style::error;
  std::string heading;  // "error[UT301]"
  std::string message;
  Span span;
  std::string label;                // beside the underline; may be empty
  std::vector<MarkedPlace> places;  // shown below the first
  std::vector<std::string> notes;   // each a line behind `= `
};

// "rules.v4:9:11", escaped.
[[nodiscard]] std::string place_of(const Sources& sources, const Span& span);

// The lines of the source that the span touches, behind a margin with their numbers, the span
// underlined and the label beside or below it. At most three lines; a line wider than the display
// is cut around the underline. `margin`: columns for the line number.
[[nodiscard]] std::string excerpt(const Sources& sources, const Span& span, std::string_view label,
                                  Style style, int margin, const Display& display);

// Columns that the line numbers of these spans need.
[[nodiscard]] int margin_of(const Sources& sources, std::span<const Span> spans);

// Heading first, its place on the next line: the form of a finding.
[[nodiscard]] std::string render(const Sources& sources, const Diagnostic& diagnostic,
                                 const Display& display);

// "PATH:LINE:COLUMN: error: MESSAGE", the excerpt, and the cure: the form of an error in the input.
[[nodiscard]] std::string render_problem(const Sources& sources, const Problem& problem,
                                         const Display& display);

}  // namespace untrack
