// A recheck as JSON: docs/schema/recheck.schema.json.
#pragma once

#include <string>
#include <string_view>

#include "report/recheck_report.hpp"

namespace untrack {

[[nodiscard]] std::string write_recheck_json(const RecheckReport& report,
                                             std::string_view tool_version);

}  // namespace untrack
