// EntryTimeouts: the entries of a listing by the timeout under which each stands, and how many of
// them have been silent for longer than the lower value that is shown for it: those that would be
// gone. Filled entry by entry by app/pipeline/attribution; of the entries only counts are kept.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "analysis/pressure/timeouts.hpp"
#include "model/conntrack_entry.hpp"

namespace untrack {

struct TimeoutCounts {
  std::array<std::uint64_t, timeout_count> entries{};
  std::array<std::uint64_t, timeout_count> silent{};
};

// None: of a state or protocol whose timeout is not known here.
[[nodiscard]] std::optional<Timeout> timeout_of(const ConntrackEntry& entry);

class EntryTimeouts {
 public:
  explicit EntryTimeouts(const Timeouts& timeouts);

  void add(const ConntrackEntry& entry);
  [[nodiscard]] const TimeoutCounts& counts() const { return counts_; }

 private:
  // An entry that has fewer seconds left than these has been silent for that long; 0: none has.
  std::array<std::uint64_t, timeout_count> silent_below_{};
  TimeoutCounts counts_;
};

}  // namespace untrack
