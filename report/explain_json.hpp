// The ways of packets as JSON, after docs/schema/explain.schema.json.
#pragma once

#include <string>
#include <string_view>

#include "report/explain_report.hpp"

namespace untrack {

[[nodiscard]] std::string write_explain_json(const ExplainReport& report,
                                             std::string_view tool_version);

}  // namespace untrack
