// The kernel's own choice of the table's size: buckets and max by version, RAM and pointer size, as
// rows with their evidence. Used wherever no setting was measured or given, and by the advice.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "analysis/pressure/platform.hpp"
#include "analysis/pressure/quantity.hpp"

namespace untrack {

// One era of nf_conntrack_init (before 2.6.20: ip_conntrack_init). In every era the number of
// buckets is RAM / 16384 / size of a bucket's head, then bounded.
struct SizingRow {
  KernelVersion since;
  unsigned pointers_per_bucket;       // 2: struct list_head, 1: struct hlist_head
  std::uint64_t above_1_gib_buckets;  // as given by the kernel when RAM > 1 GiB
  std::uint64_t above_4_gib_buckets;  // RAM > 4 GiB on 64 bit; 0: no such step
  std::uint64_t least_buckets;
  unsigned max_per_bucket;  // default: max = this x buckets
  bool rounds_to_page;      // the table fills whole pages
  std::string_view evidence;
};

// Max = 8 x buckets in every kernel when the module is loaded with hashsize=.
inline constexpr unsigned max_per_given_bucket = 8;

[[nodiscard]] std::span<const SizingRow> sizing_rows();
[[nodiscard]] const SizingRow& sizing_row(const KernelVersion& kernel);
[[nodiscard]] const SizingRow& sizing_row(const Platform& platform);

// `ram_bytes`: what the kernel counts at load: MemTotal of /proc/meminfo comes close, the size of
// the memory modules is a few percent more.
[[nodiscard]] Quantity default_buckets(const Platform& platform, std::uint64_t ram_bytes);
// The default for `buckets` that the kernel chose itself.
[[nodiscard]] Quantity default_max(const Platform& platform, std::uint64_t buckets);

// What hashsize=`buckets` makes of itself (whole pages), and the max it brings.
[[nodiscard]] std::uint64_t rounded_buckets(const Platform& platform, std::uint64_t buckets);
[[nodiscard]] Quantity max_with_hashsize(const Platform& platform, std::uint64_t buckets);

// Bytes of one bucket's head.
[[nodiscard]] unsigned bucket_bytes(const Platform& platform);

}  // namespace untrack
