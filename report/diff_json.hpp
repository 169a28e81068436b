// A difference as JSON, after docs/schema/diff.schema.json.
#pragma once

#include <string>
#include <string_view>

#include "report/diff_report.hpp"

namespace untrack {

[[nodiscard]] std::string write_diff_json(const DiffReport& report, std::string_view tool_version);

}  // namespace untrack
