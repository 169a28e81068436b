#include "analysis/pressure/pressure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/pressure/number_text.hpp"

namespace untrack {
namespace {

enum Row : std::size_t {
  full,
  nearly_full,
  too_deep,
  deep,
  more_than_ram,
  much_of_ram,
  advice_exceeds_ram,
  losing_now
};

// Thresholds are ours where the evidence names no source.
constexpr std::array<PressureFindingRow, 8> finding_rows{{
    {"table-full", Severity::error,
     "as many entries are counted or expected as max holds, or more; of those counted, all but one "
     "in a thousand",
     "kernel: over max a victim is searched, else the packet is dropped; while that goes on, the "
     "number swings below max (the share is our own)"},
    {"table-nearly-full", Severity::warning, "more than 80 % of max is expected",
     "our own threshold; at 95 % the collector begins to remove ASSURED entries of closing TCP"},
    {"buckets-too-deep", Severity::error, "a full table means more than 25 tuples per bucket",
     "our own threshold; loaded with hashsize= alone it is 16"},
    {"buckets-deep", Severity::warning, "a full table means more than 8 tuples per bucket",
     "our own threshold; the default since 5.15 is 2"},
    {"table-exceeds-ram", Severity::error, "a full table needs more memory than there is",
     "kernel memory is never swapped"},
    {"table-much-of-ram", Severity::warning, "a full table needs more than a quarter of memory",
     "our own threshold"},
    {"advice-exceeds-ram", Severity::warning,
     "the table that would hold the load needs more memory, when full, than there is",
     "kernel memory is never swapped"},
    {"losing-now", Severity::error,
     "packets or entries were lost to the table while it was watched (--watch)",
     "the kernel's own counters: drop, early_drop, chaintoolong, insert_failed"},
}};

constexpr double nearly_full_share = 0.8;
constexpr double counted_full_share = 0.999;
constexpr double much_of_ram_share = 0.25;

KernelVersion kernel_of(const PressureQuestion& question) {
  if (question.kernel) return *question.kernel;
  return question.host.kernel.value_or(newest_kernel_read);
}

Source kernel_source_of(const PressureQuestion& question) {
  if (question.kernel) return {Origin::given, "--kernel"};
  if (question.host.kernel) return question.host.kernel_source;
  return {Origin::estimated, "not known: the newest kernel whose defaults are known here"};
}

const std::optional<Quantity>& first_of(const std::optional<Quantity>& first,
                                        const std::optional<Quantity>& second) {
  return first ? first : second;
}

// Buckets and max from options, the host, modprobe's hashsize and the defaults, in this order.
void size_table(const PressureQuestion& question, Pressure& pressure) {
  const Platform& platform = pressure.platform;
  const std::optional<Quantity>& hashsize = question.host.hashsize;
  bool hashsize_given = false;
  if (question.buckets) {
    pressure.buckets = *question.buckets;
    hashsize_given = true;
  } else if (question.host.buckets) {
    pressure.buckets = *question.host.buckets;
  } else if (hashsize) {
    pressure.buckets = {rounded_buckets(platform, hashsize->value), hashsize->source};
    hashsize_given = true;
  } else {
    pressure.buckets = default_buckets(platform, pressure.ram->value);
  }
  if (question.max) {
    pressure.max = *question.max;
  } else if (question.host.max) {
    pressure.max = *question.host.max;
  } else if (hashsize_given) {
    pressure.max = max_with_hashsize(platform, pressure.buckets.value);
  } else if (pressure.ram) {
    // Writing nf_conntrack_buckets at run time leaves max as it was when the module was loaded.
    pressure.max = default_max(platform, default_buckets(platform, pressure.ram->value).value);
  } else {
    pressure.max = default_max(platform, pressure.buckets.value);
  }
}

// What was listed is what the table held, and may be of another moment than what is counted; but a
// listing that has fewer was cut, or could not be read. Who says --count knows that.
void take_count(const PressureQuestion& question, Pressure& pressure) {
  pressure.count = first_of(question.count, question.host.count);
  if (question.count || !question.listed) return;
  const std::uint64_t listed = question.listed->value;
  const std::optional<Quantity>& counted = question.host.count;
  if (!counted || counted->value <= listed) {
    pressure.count = question.listed;
  } else if (question.counted_behind && !listing_is_short(listed, *question.counted_behind)) {
    // The rest is gone since: it had expired (nf_conntrack_core.c, nf_ct_should_gc in both dumps).
    if (*question.counted_behind < counted->value) {
      pressure.expired = counted->value - std::max(*question.counted_behind, listed);
    }
  } else if (listing_is_short(listed, counted->value)) {
    pressure.listed_of_more = listed;
  }
}

void fill(const PressureQuestion& question, Pressure& pressure) {
  const KernelVersion& kernel = pressure.platform.kernel;
  for (const Load& load : question.loads) {
    const LoadEntries entries = steady_state(load, pressure.timeouts, kernel);
    pressure.entries += entries.entries;
    if (!entries.ending->is_assured) pressure.evictable_entries += entries.entries;
    pressure.total_rate += load.rate;
    pressure.loads.push_back(entries);
  }
  if (!question.loads.empty()) {
    pressure.entries_from = EntriesFrom::loads;
    pressure.late_entries = pressure.total_rate * collector_lag(kernel);
  } else if (pressure.count) {
    pressure.entries_from = EntriesFrom::count;
    pressure.entries = static_cast<double>(pressure.count->value);
  }
}

std::string count_text(double value) {
  return with_thousands(static_cast<std::uint64_t>(std::llround(value)));
}

void find(Pressure& pressure) {
  const auto add = [&](Row row, std::string message) {
    pressure.findings.push_back({&finding_rows[row], std::move(message)});
  };
  const auto max = static_cast<double>(pressure.max.value);
  const bool is_counted = pressure.entries_from == EntriesFrom::count;
  const std::string share = fmt::format("{} of {} entries are {}", count_text(pressure.entries),
                                        count_text(max), is_counted ? "in use" : "expected");
  if (pressure.is_full()) {
    add(full, share);
  } else if (pressure.entries > max * nearly_full_share) {
    add(nearly_full, fmt::format("{} ({})", share, percent_text(pressure.occupancy())));
  }
  const std::string depth_message =
      fmt::format("when full, a bucket holds {:.1f} tuples on average (2 x {} / {})",
                  pressure.mean_full, count_text(max), with_thousands(pressure.buckets.value));
  if (pressure.mean_full > too_deep_mean) {
    add(too_deep, depth_message);
  } else if (pressure.mean_full > deep_mean) {
    add(deep, depth_message);
  }
  if (pressure.watched) {
    std::string losses;
    for (const Watched::Growth& growth : pressure.watched->counters) {
      const CounterRow* row = counter_row(growth.column, pressure.platform.kernel);
      if (growth.more == 0 || row == nullptr || !row->is_loss) continue;
      losses += fmt::format("{}{} {}", losses.empty() ? "" : ", ", row->name,
                            rate_text(pressure.watched->per_second(growth.more)));
    }
    if (!losses.empty()) add(losing_now, fmt::format("the table loses at this moment: {}", losses));
  }
  if (pressure.ram) {
    const auto ram = static_cast<double>(pressure.ram->value);
    const double when_full = pressure.table_bytes() + max * pressure.entry_bytes();
    const std::string message =
        fmt::format("a full table takes {} of {}", bytes_text(when_full), bytes_text(ram));
    if (when_full > ram) {
      add(more_than_ram, message);
    } else if (when_full > ram * much_of_ram_share) {
      add(much_of_ram, message);
    }
    const Advice& advice = pressure.advice;
    if (advice.exceeds_ram()) {
      add(advice_exceeds_ram,
          fmt::format("a table of {} entries, which the load asks for, takes {} of {}",
                      with_thousands(advice.max),
                      bytes_text(static_cast<double>(advice.chosen().full_bytes)),
                      bytes_text(ram)));
    }
  }
}

}  // namespace

std::span<const PressureFindingRow> pressure_finding_rows() { return finding_rows; }

bool Pressure::is_full() const {
  const auto most = static_cast<double>(max.value);
  if (entries_from == EntriesFrom::nothing) return false;
  return entries >= (entries_from == EntriesFrom::count ? most * counted_full_share : most);
}

bool Pressure::is_dead() const {
  return tracking && rules_given == IpVersions::both() && !module_alone_tracks() &&
         users_here().empty() && (*tracking)[IpVersion::ipv4].state == TrackingState::not_forced &&
         (*tracking)[IpVersion::ipv6].state == TrackingState::not_forced;
}

std::vector<const ConntrackUser*> Pressure::users_here() const {
  std::vector<const ConntrackUser*> here;
  if (!users) return here;
  for (const ConntrackUser& user : *users) {
    const bool is_here = user.what != conntrack_user::namespaces;
    if (is_here && user.state == ConntrackUser::State::used) here.push_back(&user);
  }
  return here;
}

std::optional<std::string> what_is_missing(const PressureQuestion& question) {
  // nf_conntrack_core.c asks `nf_conntrack_max && count > nf_conntrack_max`.
  if (!question.max && question.host.max && question.host.max->value == 0) {
    return "nf_conntrack_max is 0, which switches the limit off: give --max for the size to judge";
  }
  const bool has_ram = question.ram || question.host.ram;
  const std::optional<Quantity>& buckets = first_of(question.buckets, question.host.buckets);
  if (buckets && buckets->value == 0) return "a table without buckets cannot be: give --buckets";
  const bool has_buckets = buckets || question.host.hashsize;
  if (!has_ram && !has_buckets) {
    return "the number of buckets is not known, and without RAM the kernel's choice cannot be "
           "computed: give --ram (as in --ram 8G) or --buckets";
  }
  return std::nullopt;
}

Timeouts timeouts_of(const HostSettings& host, const KernelVersion& kernel) {
  Timeouts timeouts = default_timeouts(kernel);
  for (std::size_t i = 0; i < timeout_count; ++i) {
    if (host.timeouts[i]) timeouts[i] = *host.timeouts[i];
  }
  return timeouts;
}

Timeouts timeouts_of(const PressureQuestion& question) {
  return timeouts_of(question.host, kernel_of(question));
}

Pressure assess(const PressureQuestion& question) {
  Pressure pressure;
  pressure.platform = {kernel_of(question), question.pointer_bits,
                       question.kernel ? question.is_el7 : question.host.is_el7};
  pressure.kernel_source = kernel_source_of(question);
  pressure.ram = first_of(question.ram, question.host.ram);
  take_count(question, pressure);
  pressure.by_timeout = question.by_timeout;
  pressure.has_no_table = question.has_no_table;
  pressure.users = question.users;
  pressure.tracking = question.tracking;
  pressure.rules_given = question.rules_given;
  size_table(question, pressure);
  pressure.timeouts = timeouts_of(question.host, pressure.platform.kernel);
  const EntrySize size =
      entry_size(pressure.platform, question.host,
                 question.extension_rules ? &*question.extension_rules : nullptr);
  pressure.extension = size.extension;
  pressure.entry_bytes_plain = size.plain;
  pressure.entry_bytes_extended = size.extended;
  pressure.statistics = question.host.statistics;
  pressure.watched = question.watched;
  fill(question, pressure);

  const auto max = static_cast<double>(pressure.max.value);
  const auto buckets = static_cast<double>(pressure.buckets.value);
  pressure.mean_now = mean_depth(std::min(pressure.entries, max), buckets);
  pressure.mean_full = mean_depth(max, buckets);

  pressure.flood_rates = question.flood_rates;
  if (pressure.flood_rates.empty()) {
    pressure.flood_rates.assign(usual_flood_rates.begin(), usual_flood_rates.end());
  }
  for (const double rate : pressure.flood_rates) {
    for (const FloodRow& row : flood_rows()) {
      pressure.floods.push_back(untrack::flood(row, rate, pressure.entries, max, pressure.timeouts,
                                               pressure.platform.kernel));
    }
  }
  pressure.timeout_effects = timeout_effects(pressure.timeouts, pressure.max.value, pressure.loads,
                                             question.by_timeout ? &*question.by_timeout : nullptr);

  AdviceQuestion advice;
  advice.platform = pressure.platform;
  advice.max = pressure.max.value;
  advice.buckets = pressure.buckets.value;
  if (pressure.entries_from != EntriesFrom::nothing) advice.peak = pressure.entries;
  advice.peak_is = pressure.entries_from == EntriesFrom::loads ? "expected" : "counted now";
  advice.headroom = question.headroom;
  advice.depth = question.depth;
  advice.entry_bytes = pressure.entry_bytes();
  if (pressure.ram) advice.ram = pressure.ram->value;
  pressure.advice = advise(advice);
  find(pressure);
  return pressure;
}

}  // namespace untrack
