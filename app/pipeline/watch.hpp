// watched_between: rates from two readings of the conntrack table. A part of the pipeline of
// `pressure`.
#pragma once

#include "analysis/pressure/watch.hpp"
#include "model/table_reading.hpp"

namespace untrack {

// `second` must be of a later time.
[[nodiscard]] Watched watched_between(const TableReading& first, const TableReading& second);

}  // namespace untrack
