// The flow classes of an audit: a picture of the counts, the table, and what its words mean.
#pragma once

#include <string>

#include "report/audit_report.hpp"
#include "report/html/line_plan.hpp"

namespace untrack::html {

// "4 free", "1 at a price", "0 bound", with a bar.
[[nodiscard]] std::string flow_counts(const AuditReport& report);
[[nodiscard]] std::string flow_table(const AuditReport& report, const LinePlan& plan);
// A list of exposure kinds with what each means; empty for none.
[[nodiscard]] std::string exposure_names(std::vector<ExposureKind> kinds);
// Names of assumptions with what each says.
[[nodiscard]] std::string assumption_names(const Assumptions& assumptions,
                                           const std::vector<Assumption>& list);

}  // namespace untrack::html
