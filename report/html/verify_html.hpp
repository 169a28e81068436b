// The report of a verification as one HTML page: what holds, obligation by obligation, for each
// family, with packets where something fails, and what is exposed.
#pragma once

#include <string>
#include <string_view>

#include "report/verify_report.hpp"

namespace untrack {

[[nodiscard]] std::string write_verify_html(const VerifyReport& report,
                                            std::string_view tool_version);

}  // namespace untrack
