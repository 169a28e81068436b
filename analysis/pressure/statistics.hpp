// TableStatistics: the counters that the kernel keeps of its conntrack table, as
// /proc/net/stat/nf_conntrack has them, with what each says and what to do about it; and the size
// of an entry as the slab allocator hands it out. Filled by app/pipeline/pressure, printed by
// report/.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/pressure/quantity.hpp"
#include "model/kernel_version.hpp"

namespace untrack {

// What a column counts, in kernels from `since` to before `until` (0: all up to now).
struct CounterRow {
  std::string_view column;  // in the head of the file
  std::string_view name;    // as conntrack -S calls it
  KernelVersion since, until;
  // Packets were lost, or flows were: worth a look. The others are told without alarm.
  bool is_loss;
  std::string_view meaning;
  std::string_view advice;  // empty: nothing is to be done
  std::string_view evidence;
};
[[nodiscard]] std::span<const CounterRow> counter_rows();
// Of the column in this kernel; nullptr: nothing is known of it.
[[nodiscard]] const CounterRow* counter_row(std::string_view column, const KernelVersion& kernel);

struct TableStatistics {
  struct Counter {
    std::string column;
    std::uint64_t value = 0;  // of all processors; each counts modulo 2^32
  };
  std::vector<Counter> counters;         // in the order of the file, without `entries`
  std::optional<std::uint64_t> entries;  // in the table of the namespace
  std::size_t processors = 0;
  Source source;

  // 0: there is no such column.
  [[nodiscard]] std::uint64_t value(std::string_view column) const;
};

// Hexadecimal columns under a head of names, a line for each processor. nullopt: it is not that.
[[nodiscard]] std::optional<TableStatistics> parse_statistics(std::string_view text, Source source);

// The bytes that one struct nf_conn takes with its share of the pages, from /proc/slabinfo; of
// several caches (one for each namespace, before 4.8) the one with most objects. nullopt: there is
// none, or it is not that file.
[[nodiscard]] std::optional<Quantity> entry_bytes_of_slabs(std::string_view text, Origin origin,
                                                           std::string_view path);

}  // namespace untrack
