// The text of `untrack pressure`: the answer first, then what it rests on, what to do last.
#pragma once

#include <string>
#include <vector>

#include "report/pressure/pressure_report.hpp"
#include "report/terminal.hpp"

namespace untrack {

[[nodiscard]] std::string write_pressure_text(const PressureReport& report, const Display& display);

// Parts that the page of `pressure` shares: what is to know about the settings, half sentences that
// are not escaped; what was not understood, the first places of it, without a heading.
[[nodiscard]] std::vector<std::string> pressure_notes(const PressureReport& report);
[[nodiscard]] std::string write_pressure_not_understood(const PressureReport& report,
                                                        const Display& display);

// What goes to standard error: options that cannot be taken, and what is missing.
[[nodiscard]] std::string write_pressure_problems(const PressureReport& report,
                                                  const Display& display);

}  // namespace untrack
