// One hook of the picture of ways: a panel with its base chains in order, each with what it holds.
// Used by way_picture.
#pragma once

#include "report/audit_report.hpp"
#include "report/html/line_plan.hpp"
#include "report/html/svg.hpp"
#include "report/html/ways.hpp"

namespace untrack::html {

// Draws the panel and gives its height.
double draw_panel(Svg& svg, Point at, double width, const HookWay& way, const AuditReport& report,
                  const LinePlan& plan);

// "tracked", "no state yet" ...
[[nodiscard]] std::string_view word_of(Seen seen);
// Of the style sheet, after `f` (text) or `i` (ground): "t" for tracked.
[[nodiscard]] std::string_view colour_of(Seen seen);

}  // namespace untrack::html
