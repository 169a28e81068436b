// Many audits as people read them: the table of all hosts at the end, each host's audit before it.
#pragma once

#include <string>
#include <vector>

#include "report/host_row.hpp"
#include "report/terminal.hpp"
#include "report/text_table.hpp"

namespace untrack {

// A line with the name, above the audit of a host.
[[nodiscard]] std::string write_host_heading(const std::string& name, const Display& display);

// The same as cells, names of columns first, for other forms; and what is to be said below it.
[[nodiscard]] TextTable hosts_table(const HostsSummary& summary);
[[nodiscard]] std::vector<std::string> hosts_remarks(const HostsSummary& summary);

// One line a host: verdicts, findings, flow classes by what untracking takes; then the sums.
[[nodiscard]] std::string write_hosts_table(const HostsSummary& summary, const Display& display);

}  // namespace untrack
