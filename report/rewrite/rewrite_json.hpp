// `untrack rewrite --output json`; docs/schema/rewrite.schema.json is its promise.
#pragma once

#include <string>
#include <string_view>

#include "report/rewrite/rewrite_report.hpp"

namespace untrack {

[[nodiscard]] std::string rewrite_json(const RewriteReport& report, std::string_view tool_version);

}  // namespace untrack
