// TimeoutEffect: what one timeout means for a table of this size, and what lowering it would save
// and cost. Used by the assessment.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "analysis/pressure/entry_timeouts.hpp"
#include "analysis/pressure/load.hpp"

namespace untrack {

// A lower value that is in use, with its price. An example, not advice: the price is the admin's.
struct LoweringRow {
  Timeout timeout;
  unsigned seconds;
  std::string_view price;
  std::string_view evidence;
};
[[nodiscard]] std::span<const LoweringRow> lowering_rows();

struct TimeoutEffect {
  const LoweringRow* lowering = nullptr;
  std::uint64_t seconds = 0;  // as it is
  double bears = 0;           // new flows a second that end in this state, until `max` is reached
  // Of the loads given, in this state; without loads, of the listing.
  double entries = 0;
  double saves = 0;  // entries fewer with the lower value
};

// In the order of the rows; `listed` may be null. Only timeouts that stand above their lower value.
[[nodiscard]] std::vector<TimeoutEffect> timeout_effects(const Timeouts& timeouts,
                                                         std::uint64_t max,
                                                         std::span<const LoadEntries> loads,
                                                         const TimeoutCounts* listed);

}  // namespace untrack
