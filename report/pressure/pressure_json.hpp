// The JSON of `untrack pressure`, version 1 of docs/schema/pressure.schema.json.
#pragma once

#include <string>
#include <string_view>

#include "report/pressure/pressure_report.hpp"

namespace untrack {

// One object, indented, with a newline at its end; ASCII only. Numbers that are estimates are
// rounded to six significant digits, so that the same input gives the same bytes everywhere.
[[nodiscard]] std::string write_pressure_json(const PressureReport& report,
                                              std::string_view tool_version);

}  // namespace untrack
