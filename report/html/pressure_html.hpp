// The report of `pressure` as one HTML page: how full the table gets, plots, and the sections of
// the text with the same words.
#pragma once

#include <string>
#include <string_view>

#include "report/pressure/pressure_report.hpp"

namespace untrack {

[[nodiscard]] std::string write_pressure_html(const PressureReport& report,
                                              std::string_view tool_version);

}  // namespace untrack
