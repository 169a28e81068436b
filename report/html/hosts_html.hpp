// Many audits as a directory of pages: an index with the verdicts of all hosts, which links to the
// page of each. Used by `audit` with --hosts, which writes the files.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "report/host_row.hpp"

namespace untrack {

// "0001-web1.html": the name of the page of the host in row `number`, of letters, digits, dots,
// dashes and underscores alone. `is_change`: of what changed since an older version.
[[nodiscard]] std::string host_page_name(std::size_t number, std::string_view host,
                                         bool is_change = false);

// `has_change`, by row: whether there is a page of what changed.
[[nodiscard]] std::string write_hosts_html(const HostsSummary& summary,
                                           const std::vector<bool>& has_change,
                                           std::string_view tool_version);

}  // namespace untrack
