// The report of an audit as one HTML page: verdict, counts, flow classes, the way of packets, the
// rules with findings in the margin. A row of report/formats/audit_formats.
#pragma once

#include <string>
#include <string_view>

#include "report/audit_report.hpp"

namespace untrack {

[[nodiscard]] std::string write_audit_html(const AuditReport& report,
                                           std::string_view tool_version);

}  // namespace untrack
