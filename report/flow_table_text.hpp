// The flow classes of an audit as people read them: a line of counts, and a table. Used by
// report/audit_text and report/audit_json.
#pragma once

#include <string>

#include "report/audit_report.hpp"
#include "report/terminal.hpp"

namespace untrack {

// "5 flow classes: 4 free to untrack, 1 at a price, 0 bound to tracking"; empty without classes.
[[nodiscard]] std::string write_flow_counts(const AuditReport& report, const Display& display);

// The table with a blank line behind it; empty without classes. Not `each`: a long one is folded to
// a few rows of each need.
[[nodiscard]] std::string write_flow_table(const AuditReport& report, const Display& display,
                                           bool each);

// The place of the rule, or of the chain whose policy, admits the flows.
[[nodiscard]] Span admitting_span(const Ruleset& ruleset, const FlowRow& row);
// One sentence without a full stop: why the class is free, priced or bound. Not escaped.
[[nodiscard]] std::string reason_of(const AuditReport& report, const FlowRow& row);

}  // namespace untrack
