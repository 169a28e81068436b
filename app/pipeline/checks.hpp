// The check pages, with what the audit really prints for each bad example.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "analysis/check.hpp"
#include "report/audit_report.hpp"
#include "report/terminal.hpp"

namespace untrack {

// One of the check's examples as an IPv4 ruleset of that name, within CheckInfo::example_nodes,
// with these sysctls, if any, as `sysctl.conf`.
[[nodiscard]] AuditReport audit_example(const CheckInfo& check, std::string_view name,
                                        std::string_view text, std::string_view settings);

// What `untrack audit` prints for the check's bad example as an IPv4 ruleset named `bad.rules`: the
// finding of this check alone.
[[nodiscard]] std::string output_of_bad(const CheckInfo& check, const Display& display);

// The files of docs/checks/, name to text.
[[nodiscard]] std::map<std::string, std::string> make_check_pages();

}  // namespace untrack
