// How numbers are spelled for people: thousands separators, binary sizes, times in the unit that
// fits. Used for the origins of numbers and by report/pressure/pressure_text.
#pragma once

#include <cstdint>
#include <string>

namespace untrack {

[[nodiscard]] std::string with_thousands(std::uint64_t value);  // "262,144"

// "2,184/s", "0.5/s": whole above 10, else up to two decimals.
[[nodiscard]] std::string rate_text(double per_second);

// "26 s", "2.6 s", "3 min 20 s", "1 h 12 min", "5 days": two units at most, rounded down, so that a
// time until something bad is never spelled longer than it is.
[[nodiscard]] std::string duration_text(double seconds);

// "512 B", "2.0 MiB", "58.7 MiB", "1.5 GiB".
[[nodiscard]] std::string bytes_text(double bytes);

// "92 %", "0.4 %", "less than 0.1 %".
[[nodiscard]] std::string percent_text(double fraction);

}  // namespace untrack
