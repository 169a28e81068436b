// Memory of the table: bytes of one entry, with and without its extension block, and of the
// buckets. Kernel memory, so it is never swapped. Used by the assessment and the advice.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "analysis/pressure/platform.hpp"
#include "analysis/pressure/quantity.hpp"

namespace untrack {

struct EntryRow {
  KernelVersion since;
  int pointer_bits;
  unsigned object_bytes;     // struct nf_conn as the slab allocator hands it out
  unsigned extension_bytes;  // allocated beside it once any extension is used; 0: no such block
  Origin origin;             // measured or estimated
  std::string_view evidence;
};

[[nodiscard]] std::span<const EntryRow> entry_rows();
[[nodiscard]] const EntryRow& entry_row(const Platform& platform);

// What makes every entry carry the extension block, as far as settings tell.
struct ExtensionUse {
  bool is_used = false;
  Source source;  // why, or that nothing known asks for it
};

// The settings that decide, where known (sysctls nf_conntrack_acct, _timestamp, _events).
struct ExtensionSettings {
  std::optional<Quantity> acct;
  std::optional<Quantity> timestamp;
  std::optional<Quantity> events;
};

// An event listener, NAT that matches, labels and helpers ask for the block, too; a sysctl does not
// show them, so `is_used` = false means "by these settings".
[[nodiscard]] ExtensionUse extension_use(const KernelVersion& kernel,
                                         const ExtensionSettings& settings);

[[nodiscard]] Quantity entry_bytes(const Platform& platform, bool with_extension);

}  // namespace untrack
