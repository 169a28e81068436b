// read_table: the counters of the conntrack table of a network namespace. Called by app/main.cpp
// for `untrack pressure --watch`, twice.
#pragma once

#include <string>

#include "model/table_reading.hpp"

namespace untrack::live {

// `netns` as of read_live_host. What cannot be read is told in the result. May not be called while
// there are threads.
[[nodiscard]] TableReading read_table(const std::string& netns);

}  // namespace untrack::live
