// The plots of `pressure`: entries over time, depth of the buckets, memory. Drawn from the values
// of the report; the sentences below each say in words what it shows.
#pragma once

#include <string>

#include "analysis/pressure/pressure.hpp"

namespace untrack::html {

// Entries under the load and under floods, from an empty or the expected table until it is full.
[[nodiscard]] std::string time_plot(const Pressure& pressure);
// Share of buckets by depth: as the table stands, and full.
[[nodiscard]] std::string depth_plot(const Pressure& pressure);
// Buckets and entries: as the table stands, full, and as advised.
[[nodiscard]] std::string memory_plot(const Pressure& pressure);

}  // namespace untrack::html
