// The audit as people read it: the verdict first, then what it rests on, worst first, then what was
// not looked at. Used by the command line and by the generator of docs/checks/.
#pragma once

#include <string>

#include "report/audit_report.hpp"
#include "report/terminal.hpp"

namespace untrack {

// `each`: every finding in full. Otherwise findings that say the same about different lines share
// one entry, with their places.
[[nodiscard]] std::string write_audit_text(const AuditReport& report, const Display& display,
                                           bool each);

// The findings alone, as write_audit_text prints them.
[[nodiscard]] std::string write_findings_text(const AuditReport& report, const Display& display,
                                              bool each);

}  // namespace untrack
