// A verification as JSON, after docs/schema/verify.schema.json.
#pragma once

#include <string>
#include <string_view>

#include "report/verify_report.hpp"

namespace untrack {

[[nodiscard]] std::string write_verify_json(const VerifyReport& report,
                                            std::string_view tool_version);

}  // namespace untrack
