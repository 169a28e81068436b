// Pressure: everything `untrack pressure` says about one host, as a value. assess() puts the other
// files of this folder together; it is pure. Used by app/pipeline/pressure and printed by report/.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/conntrack/tracking.hpp"
#include "analysis/finding.hpp"
#include "analysis/pressure/advice.hpp"
#include "analysis/pressure/defaults.hpp"
#include "analysis/pressure/depth.hpp"
#include "analysis/pressure/entry_size.hpp"
#include "analysis/pressure/flood.hpp"
#include "analysis/pressure/load.hpp"
#include "analysis/pressure/memory.hpp"
#include "analysis/pressure/settings.hpp"
#include "analysis/pressure/timeout_effect.hpp"
#include "analysis/pressure/watch.hpp"
#include "model/snapshot.hpp"

namespace untrack {

struct PressureQuestion {
  HostSettings host;
  // What options say; each wins over the host's.
  std::optional<KernelVersion> kernel;
  bool is_el7 = false;  // that kernel is one of RHEL 7
  std::optional<Quantity> ram, max, buckets, count;
  // Entries of a listing, if one was given.
  std::optional<Quantity> listed = {};
  std::optional<TimeoutCounts> by_timeout = {};
  // What the kernel counts behind a listing that it has given in whole: a listing takes the expired
  // entries out.
  std::optional<std::uint64_t> counted_behind = {};
  bool has_no_table = false;  // the module is not loaded on the running kernel
  // Who else uses connection tracking; none: nobody has looked.
  std::optional<std::vector<ConntrackUser>> users = {};
  int pointer_bits = 64;
  std::vector<Load> loads;
  std::vector<double> flood_rates;  // new flows a second; empty: the usual ones
  unsigned depth = default_depth;
  double headroom = 2;
  std::optional<Tracking> tracking;  // none: no ruleset was given
  std::optional<ExtensionRules> extension_rules = {};
  IpVersions rules_given;  // families that the ruleset has rules for
  std::optional<Watched> watched = {};
};

inline constexpr std::array<double, 3> usual_flood_rates{1000, 10000, 100000};

// What is reported beyond numbers; a row's name is stable and documented.
struct PressureFindingRow {
  std::string_view name;
  Severity severity;
  std::string_view condition;
  std::string_view evidence;
};
[[nodiscard]] std::span<const PressureFindingRow> pressure_finding_rows();

struct PressureFinding {
  const PressureFindingRow* row = nullptr;
  std::string message;
};

enum class EntriesFrom : std::uint8_t { nothing, count, loads };

struct Pressure {
  Platform platform;
  Source kernel_source;
  std::optional<Quantity> ram;
  Quantity max, buckets;
  std::optional<Quantity> count;
  std::optional<std::uint64_t> listed_of_more = {};  // see listing_is_short
  // Of the entries counted, those that the listing has taken out: they had expired.
  std::uint64_t expired = 0;
  std::optional<TimeoutCounts> by_timeout = {};
  bool has_no_table = false;
  std::optional<std::vector<ConntrackUser>> users = {};
  Timeouts timeouts;
  ExtensionUse extension;
  Quantity entry_bytes_plain, entry_bytes_extended;
  std::optional<TableStatistics> statistics;
  std::optional<Watched> watched;

  EntriesFrom entries_from = EntriesFrom::nothing;
  double entries = 0;            // expected if nothing is evicted
  double evictable_entries = 0;  // of them, not ASSURED; with a count alone: not known, 0
  double late_entries = 0;       // at most this many expired ones may still be counted
  double total_rate = 0;         // new flows a second, of the loads
  std::vector<LoadEntries> loads;

  double mean_now = 0, mean_full = 0;  // tuples per bucket
  std::vector<FloodResult> floods;     // rows of flood_rows(), for each rate in turn
  std::vector<double> flood_rates;
  std::vector<TimeoutEffect> timeout_effects;
  Advice advice;
  std::optional<Tracking> tracking;
  IpVersions rules_given;
  std::vector<PressureFinding> findings;

  [[nodiscard]] unsigned entry_bytes() const {
    return static_cast<unsigned>(extension.is_used() ? entry_bytes_extended.value
                                                     : entry_bytes_plain.value);
  }
  [[nodiscard]] double table_bytes() const {
    return static_cast<double>(buckets.value) * bucket_bytes(platform);
  }
  [[nodiscard]] double occupancy() const { return entries / static_cast<double>(max.value); }
  // Rules of both families were given and neither forces tracking, so that nothing here has any
  // effect. Never before 4.10, where the module tracks as soon as anything loads it.
  // As many entries as max, or, of those that were counted, a few less.
  [[nodiscard]] bool is_full() const;
  [[nodiscard]] bool is_dead() const;
  // Those of this network namespace that are known to make the kernel track without a rule.
  [[nodiscard]] std::vector<const ConntrackUser*> users_here() const;
  [[nodiscard]] bool module_alone_tracks() const {
    return platform.kernel < KernelVersion{4, 10, 0};
  }
  [[nodiscard]] const FloodResult& flood(std::size_t row, std::size_t rate) const {
    return floods[rate * flood_rows().size() + row];
  }
};

// As they are read, else those of the kernel.
[[nodiscard]] Timeouts timeouts_of(const HostSettings& host, const KernelVersion& kernel);
[[nodiscard]] Timeouts timeouts_of(const PressureQuestion& question);

// What cannot be computed for want of a number, as a sentence for the user; nothing if all is
// there.
[[nodiscard]] std::optional<std::string> what_is_missing(const PressureQuestion& question);

// A listing has so few of the entries that the kernel counts that it says nothing about the others:
// it was cut, or could not be read.
[[nodiscard]] constexpr bool listing_is_short(std::uint64_t listed, std::uint64_t counted) {
  // The two are of different moments, which matters where there are few.
  constexpr std::uint64_t come_and_go = 100;
  return listed < counted && counted - listed > come_and_go && listed * 2 < counted;
}

// Precondition: nothing is missing.
[[nodiscard]] Pressure assess(const PressureQuestion& question);

}  // namespace untrack
