// `untrack unload --output json`: docs/schema/unload.schema.json. The same input gives the same
// bytes.
#pragma once

#include <string>
#include <string_view>

#include "report/unload_report.hpp"

namespace untrack {

// One object and a newline. `version`: of untrack.
[[nodiscard]] std::string unload_json(const UnloadReport& report, std::string_view version);

}  // namespace untrack
