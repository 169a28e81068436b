// Flood: what happens when new flows come faster than the table can forget them. The kernel's timer
// is fixed, so an entry of a flood lives exactly its timeout; entries grow in a straight line until
// the first expire, then stand still. Used by the assessment.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "analysis/pressure/timeouts.hpp"

namespace untrack {

struct FloodRow {
  std::string_view name;   // for JSON
  std::string_view title;  // for people
  Timeout timeout;         // of the state its entries stay in
  bool is_assured;         // true: early_drop never takes them
  std::string_view evidence;
};
[[nodiscard]] std::span<const FloodRow> flood_rows();

enum class FloodOutcome : std::uint8_t {
  fills,
  may_fill,  // only because expired entries still count until the collector has passed
  never,
};

struct FloodResult {
  const FloodRow* row = nullptr;
  double rate = 0;  // new flows a second
  FloodOutcome outcome{};
  double seconds = 0;  // until full; meaningless for never
  double entries = 0;  // of the flood alone, once it stands still, capped at what is free
};

// From 4.9 on no entry has a timer: expired ones go when a look-up meets them or the collector
// passes, up to this many seconds later (net/netfilter/nf_conntrack_core.c, GC_SCAN_INTERVAL_MAX).
inline constexpr double collector_lag_seconds = 60;
[[nodiscard]] double collector_lag(const KernelVersion& kernel);

// `occupied`: entries that stand in the table all the while (their arrivals and expiries balance).
[[nodiscard]] FloodResult flood(const FloodRow& row, double rate, double occupied, double max,
                                const Timeouts& timeouts, const KernelVersion& kernel);

// What the kernel searches for a victim when the table is full, by version.
struct EvictionRow {
  KernelVersion since;
  unsigned buckets;  // searched; 0: the count is of entries, not buckets
  std::string_view what;
  std::string_view evidence;
};
[[nodiscard]] std::span<const EvictionRow> eviction_rows();
[[nodiscard]] const EvictionRow& eviction_row(const KernelVersion& kernel);

// Share of new flows that find no victim and are dropped, when `evictable` entries (confirmed, not
// ASSURED) stand in a table of `buckets`: none of their tuples lies in the searched buckets.
// Poisson like the depths. Nothing for kernels that do not search by buckets.
[[nodiscard]] std::optional<double> share_without_victim(double evictable, double buckets,
                                                         const KernelVersion& kernel);

}  // namespace untrack
