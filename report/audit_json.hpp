// The audit as JSON, version 1 of docs/schema/audit.schema.json.
#pragma once

#include <string>
#include <string_view>

#include "report/audit_report.hpp"
#include "report/diff_report.hpp"

namespace untrack {

// One object, indented, with a newline at its end; ASCII only. Bytes of the ruleset that are no
// UTF-8 become U+FFFD. `tool_version`: of this program.
[[nodiscard]] std::string write_audit_json(const AuditReport& report,
                                           std::string_view tool_version);

// One of the hosts of write_hosts_json. `change`: what changed in it; nullptr: nobody asked, or it
// is new.
[[nodiscard]] std::string write_host_json(const AuditReport& report, const DiffReport* change,
                                          std::string_view tool_version);

}  // namespace untrack
