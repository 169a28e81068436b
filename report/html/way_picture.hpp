// The way of packets through hooks, tables and chains as a picture, wide and narrow, with a legend.
// Used by the page of an audit.
#pragma once

#include <string>

#include "report/audit_report.hpp"
#include "report/html/line_plan.hpp"

namespace untrack::html {

// One figure a family, or one for both where they are alike.
[[nodiscard]] std::string way_pictures(const AuditReport& report, const LinePlan& plan);

}  // namespace untrack::html
