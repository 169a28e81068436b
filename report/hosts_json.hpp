// The audits of many hosts as one JSON document, version 1 of docs/schema/audit-hosts.schema.json.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/host_row.hpp"

namespace untrack {

// `hosts`: what write_host_json gave for each row of the summary.
[[nodiscard]] std::string write_hosts_json(const HostsSummary& summary,
                                           const std::vector<std::string_view>& hosts,
                                           std::string_view tool_version);

}  // namespace untrack
