#include "analysis/pressure/memory.hpp"

#include <fmt/format.h>

#include <array>

namespace untrack {
namespace {

// Before 4.9 an entry carried a struct timer_list, whose size depends on the options of the kernel.
constexpr std::array<EntryRow, 7> rows{{
    {{0, 0, 0},
     64,
     304,
     0,
     Origin::estimated,
     "the load message of 2.6.18 on x86-64: 304 bytes per conntrack; accounting included"},
    {{2, 6, 24},
     64,
     320,
     128,
     Origin::estimated,
     "slab sizes reported for 3.x and 4.4: 280 to 320"},
    {{4, 9, 0},
     64,
     256,
     128,
     Origin::estimated,
     "counted from the members of struct nf_conn as of 5.10 (256 bytes with the usual options)"},
    {{6, 1, 0},
     64,
     256,
     128,
     Origin::measured,
     "struct nf_conn of 248 bytes in 6.1, 6.12 and 6.18, 256 in the slab; extension block 128"},
    {{0, 0, 0},
     32,
     228,
     0,
     Origin::estimated,
     "the load message of 2.6.18 on i386: 228 bytes per conntrack; accounting included"},
    {{2, 6, 24}, 32, 256, 128, Origin::estimated, "counted from the members of struct nf_conn"},
    {{4, 9, 0},
     32,
     256,
     128,
     Origin::estimated,
     "counted from the members of struct nf_conn (212 bytes), rounded to cache lines of 64"},
}};

constexpr KernelVersion events_became_automatic{5, 19, 0};  // commit 90d1daa45849
constexpr KernelVersion first_extensions{2, 6, 24};

}  // namespace

std::span<const EntryRow> entry_rows() { return rows; }

const EntryRow& entry_row(const Platform& platform) {
  const EntryRow* found = nullptr;
  for (const EntryRow& row : rows) {
    if (row.pointer_bits == platform.pointer_bits && row.since <= platform.kernel) found = &row;
  }
  return *found;  // each pointer size has a row since 0.0
}

ExtensionUse extension_use(const KernelVersion& kernel, const ExtensionSettings& settings) {
  if (kernel < first_extensions) {
    return {
        false,
        {Origin::kernel_default, fmt::format("kernel {} has no extension block", to_text(kernel))}};
  }
  const auto is_on = [](const std::optional<Quantity>& setting, std::uint64_t value) {
    return setting && setting->value == value;
  };
  if (is_on(settings.acct, 1)) {
    return {true,
            {settings.acct->source.origin, "nf_conntrack_acct = 1: " + settings.acct->source.text}};
  }
  if (is_on(settings.timestamp, 1)) {
    return {true,
            {settings.timestamp->source.origin,
             "nf_conntrack_timestamp = 1: " + settings.timestamp->source.text}};
  }
  if (is_on(settings.events, 1)) {
    return {true,
            {settings.events->source.origin,
             "nf_conntrack_events = 1: " + settings.events->source.text}};
  }
  if (!settings.events && kernel < events_became_automatic) {
    return {true,
            {Origin::kernel_default,
             fmt::format("kernel {}: nf_conntrack_events = 1, until 5.19 made it automatic",
                         to_text(kernel))}};
  }
  const Origin origin = settings.events ? settings.events->source.origin : Origin::kernel_default;
  return {
      false,
      {origin, "no accounting or timestamps, and events only for a listener (not seen from here)"}};
}

Quantity entry_bytes(const Platform& platform, bool with_extension) {
  const EntryRow& row = entry_row(platform);
  return {row.object_bytes + (with_extension ? row.extension_bytes : 0),
          {row.origin, std::string(row.evidence)}};
}

}  // namespace untrack
