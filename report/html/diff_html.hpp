// The report of a diff as one HTML page: what is newly accepted and refused, each with a packet and
// the rules that decide it, and what changes around connection tracking.
#pragma once

#include <string>
#include <string_view>

#include "report/diff_report.hpp"

namespace untrack {

[[nodiscard]] std::string write_diff_html(const DiffReport& report, std::string_view tool_version);

}  // namespace untrack
