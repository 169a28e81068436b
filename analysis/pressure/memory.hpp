// Memory of the table: bytes of one entry, with and without its extension block, and of the
// buckets. Kernel memory, so it is never swapped. Used by the assessment and the advice.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "analysis/pressure/extension_rules.hpp"
#include "analysis/pressure/platform.hpp"
#include "analysis/pressure/quantity.hpp"

namespace untrack {

struct EntryRow {
  KernelVersion since;
  int pointer_bits;
  unsigned object_bytes;     // struct nf_conn as the slab allocator hands it out
  unsigned extension_bytes;  // the least that a block of extensions takes; 0: no such block
  Origin origin;             // measured or estimated
  std::string_view evidence;
};

[[nodiscard]] std::span<const EntryRow> entry_rows();
[[nodiscard]] const EntryRow& entry_row(const Platform& platform);

// Which entries carry the extension block, as far as settings, rules and listeners tell.
enum class BlockOf : std::uint8_t { none, matched_entries, all_entries };
[[nodiscard]] std::string_view to_text(BlockOf of);

struct ExtensionUse {
  BlockOf of = BlockOf::none;
  // Of all that is known; of matched entries it is what the largest of them carry.
  ExtensionSet extensions;
  Source source;  // why, or that nothing known asks for it

  // Whether an entry is reckoned with its block. Which share of the entries a rule will match is
  // not known before they come, so that all are: too much rather than too little.
  [[nodiscard]] bool is_used() const { return of != BlockOf::none; }
};

// The settings that decide, where known (sysctls nf_conntrack_acct, _timestamp, _events), and
// whether a program listens to events.
struct ExtensionSettings {
  std::optional<Quantity> acct = {};
  std::optional<Quantity> timestamp = {};
  std::optional<Quantity> events = {};
  std::optional<bool> has_listener = {};
  Source listener_source = {};
};

// `rules`: null, no ruleset was given. A listener in another namespace, and extensions that tc,
// Open vSwitch or a program over netlink adds, are not seen.
[[nodiscard]] ExtensionUse extension_use(const KernelVersion& kernel,
                                         const ExtensionSettings& settings,
                                         const ExtensionRules* rules = nullptr);

// With no extensions: without the block. Else with that which holds these.
[[nodiscard]] Quantity entry_bytes(const Platform& platform);
[[nodiscard]] Quantity entry_bytes(const Platform& platform, const ExtensionSet& extensions);

}  // namespace untrack
