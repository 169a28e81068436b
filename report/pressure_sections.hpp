// The sections of `untrack pressure` as text, one function each. Used by report/pressure_text.cpp,
// which puts them in order. Each ends with a newline or is empty.
#pragma once

#include <string>
#include <string_view>

#include "analysis/pressure/pressure.hpp"
#include "report/terminal.hpp"

namespace untrack::pressure_text {

inline constexpr std::string_view indent = "  ";

[[nodiscard]] std::string count_text(double value);  // "262,144", to the nearest

// "1 bucket in 4,211", "41 % of the buckets", "less than 1 bucket in a million".
[[nodiscard]] std::string share_of_buckets(double share);

[[nodiscard]] std::string section(std::string_view title, const Display& display);

// How it stands: report/pressure_state_text.cpp.
[[nodiscard]] std::string dead_lines(const Pressure& pressure, const Display& display);
[[nodiscard]] std::string headline(const Pressure& pressure);
[[nodiscard]] std::string tracking_lines(const Pressure& pressure, const Display& display);
[[nodiscard]] std::string finding_lines(const Pressure& pressure, const Display& display);
[[nodiscard]] std::string load_lines(const Pressure& pressure, const Display& display);
[[nodiscard]] std::string table_lines(const Pressure& pressure, const Display& display);
[[nodiscard]] std::string flood_lines(const Pressure& pressure, const Display& display);

// What the kernel counts: report/pressure_counters_text.cpp.
[[nodiscard]] std::string counter_lines(const Pressure& pressure, const Display& display);
// report/pressure_watch_text.cpp
[[nodiscard]] std::string watch_lines(const Pressure& pressure, const Display& display);

// What to do, and what it rests on: report/pressure_advice_text.cpp.
[[nodiscard]] std::string timeout_lines(const Pressure& pressure, const Display& display);
[[nodiscard]] std::string advice_lines(const Pressure& pressure, const Display& display);
[[nodiscard]] std::string origin_lines(const Pressure& pressure, const Display& display);

}  // namespace untrack::pressure_text
