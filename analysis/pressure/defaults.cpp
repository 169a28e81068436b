#include "analysis/pressure/defaults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analysis/pressure/number_text.hpp"

namespace untrack {
namespace {

constexpr std::uint64_t gib = 1024ULL * 1024 * 1024;
constexpr std::uint64_t page_bytes = 4096;

constexpr std::array<SizingRow, 4> sizing_table{{
    {.since = {0, 0, 0},
     .pointers_per_bucket = 2,
     .above_1_gib_buckets = 8192,
     .above_4_gib_buckets = 0,
     .least_buckets = 16,
     .max_per_bucket = 8,
     .rounds_to_page = false,
     .evidence = "read in 2.6.18, net/ipv4/netfilter/ip_conntrack_core.c, ip_conntrack_init"},
    {.since = {2, 6, 23},
     .pointers_per_bucket = 1,
     .above_1_gib_buckets = 16384,
     .above_4_gib_buckets = 0,
     .least_buckets = 32,
     .max_per_bucket = 4,
     .rounds_to_page = true,
     .evidence = "read in 2.6.31, net/netfilter/nf_conntrack_core.c, nf_conntrack_init_init_net"},
    {.since = {4, 0, 0},
     .pointers_per_bucket = 1,
     .above_1_gib_buckets = 16384,
     .above_4_gib_buckets = 65536,
     .least_buckets = 32,
     .max_per_bucket = 4,
     .rounds_to_page = true,
     .evidence =
         "Documentation/networking/nf_conntrack-sysctl.txt of 4.1; RHEL 7 has it in its 3.10"},
    {.since = {5, 15, 0},
     .pointers_per_bucket = 1,
     .above_1_gib_buckets = 65536,
     .above_4_gib_buckets = 262144,
     .least_buckets = 1024,
     .max_per_bucket = 1,
     .rounds_to_page = true,
     .evidence = "commit d532bcd0b269, net/netfilter/nf_conntrack_core.c, nf_conntrack_init_start; "
                 "measured on 6.18"},
}};

std::string kernel_words(const Platform& platform) {
  return to_text(platform.kernel) + (platform.is_el7 ? " of RHEL 7" : "");
}

std::uint64_t round_up(std::uint64_t value, std::uint64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

}  // namespace

std::span<const SizingRow> sizing_rows() { return sizing_table; }

const SizingRow& sizing_row(const KernelVersion& kernel) {
  const SizingRow* found = &sizing_table.front();
  for (const SizingRow& row : sizing_table) {
    if (row.since <= kernel) found = &row;
  }
  return *found;
}

const SizingRow& sizing_row(const Platform& platform) {
  constexpr KernelVersion of_el7{4, 0, 0};
  return sizing_row(platform.is_el7 ? of_el7 : platform.kernel);
}

unsigned bucket_bytes(const Platform& platform) {
  return sizing_row(platform).pointers_per_bucket * platform.pointer_bytes();
}

std::uint64_t rounded_buckets(const Platform& platform, std::uint64_t buckets) {
  const SizingRow& row = sizing_row(platform);
  if (!row.rounds_to_page) return buckets;
  return round_up(buckets, page_bytes / bucket_bytes(platform));
}

Quantity default_buckets(const Platform& platform, std::uint64_t ram_bytes) {
  const SizingRow& row = sizing_row(platform);
  const unsigned head = bucket_bytes(platform);
  std::uint64_t buckets = ram_bytes / 16384 / head;
  std::string rule;
  if (row.above_4_gib_buckets != 0 && platform.pointer_bits == 64 && ram_bytes > 4 * gib) {
    buckets = row.above_4_gib_buckets;
    rule = fmt::format("{} for more than 4 GiB of RAM", with_thousands(buckets));
  } else if (ram_bytes > gib) {
    buckets = row.above_1_gib_buckets;
    rule = fmt::format("{} for more than 1 GiB of RAM", with_thousands(buckets));
  } else if (buckets < row.least_buckets) {
    buckets = row.least_buckets;
    rule = fmt::format("at least {}", with_thousands(buckets));
  } else {
    rule = fmt::format("RAM / 16,384 / {} bytes", head);
  }
  const std::uint64_t rounded = rounded_buckets(platform, buckets);
  if (rounded != buckets) rule += fmt::format(", rounded up to whole pages");
  return {rounded,
          {Origin::kernel_default, fmt::format("kernel {}: {}", kernel_words(platform), rule)}};
}

Quantity default_max(const Platform& platform, std::uint64_t buckets) {
  const unsigned factor = sizing_row(platform).max_per_bucket;
  return {factor * buckets,
          {Origin::kernel_default,
           factor == 1 ? fmt::format("kernel {}: as many as buckets", kernel_words(platform))
                       : fmt::format("kernel {}: {} x buckets", kernel_words(platform), factor)}};
}

Quantity max_with_hashsize(const Platform& platform, std::uint64_t buckets) {
  return {max_per_given_bucket * rounded_buckets(platform, buckets),
          {Origin::kernel_default, fmt::format("kernel {}: {} x buckets when hashsize is given",
                                               kernel_words(platform), max_per_given_bucket)}};
}

}  // namespace untrack
