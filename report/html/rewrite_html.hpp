// The report of a rewrite as one HTML page: what came of it, before and after side by side, the
// certificate, what is exposed, what to do next.
#pragma once

#include <string>
#include <string_view>

#include "report/rewrite/rewrite_report.hpp"

namespace untrack {

[[nodiscard]] std::string write_rewrite_html(const RewriteReport& report,
                                             std::string_view tool_version);

}  // namespace untrack
