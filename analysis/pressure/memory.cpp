#include "analysis/pressure/memory.hpp"

#include <fmt/format.h>

#include <array>

namespace untrack {
namespace {

// Before 4.9 an entry carried a struct timer_list, whose size depends on the options of the kernel.
constexpr std::array<EntryRow, 7> entry_table{{
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
constexpr std::uint64_t automatic_events = 2;

}  // namespace

std::span<const EntryRow> entry_rows() { return entry_table; }

const EntryRow& entry_row(const Platform& platform) {
  const EntryRow* found = nullptr;
  for (const EntryRow& row : entry_table) {
    if (row.pointer_bits == platform.pointer_bits && row.since <= platform.kernel) found = &row;
  }
  return *found;  // each pointer size has a row since 0.0
}

std::string_view to_text(BlockOf of) {
  switch (of) {
    case BlockOf::none:
      return "no entry";
    case BlockOf::matched_entries:
      return "entries that rules match";
    case BlockOf::all_entries:
      return "every entry";
  }
  return {};
}

ExtensionUse extension_use(const KernelVersion& kernel, const ExtensionSettings& settings,
                           const ExtensionRules* rules) {
  if (kernel < first_extensions) {
    return {
        BlockOf::none,
        {},
        {Origin::kernel_default, fmt::format("kernel {} has no extension block", to_text(kernel))}};
  }
  ExtensionUse use;
  const auto all_carry = [&](EntryExtension extension, const Source& source) {
    use.extensions.add(extension);
    if (use.of != BlockOf::all_entries) use.source = source;  // the first reason is enough
    use.of = BlockOf::all_entries;
  };
  const auto look_at = [&](const std::optional<Quantity>& setting, std::string_view name,
                           EntryExtension extension) {
    if (!setting || setting->value != 1) return;
    all_carry(extension,
              {setting->source.origin, fmt::format("{} = 1: {}", name, setting->source.text)});
  };
  look_at(settings.acct, "nf_conntrack_acct", EntryExtension::acct);
  look_at(settings.timestamp, "nf_conntrack_timestamp", EntryExtension::timestamp);
  look_at(settings.events, "nf_conntrack_events", EntryExtension::events);
  const bool is_automatic = kernel >= events_became_automatic;
  if (!settings.events && !is_automatic) {
    all_carry(EntryExtension::events,
              {Origin::kernel_default,
               fmt::format("kernel {}: nf_conntrack_events = 1, until 5.19 made it automatic",
                           to_text(kernel))});
  }
  const bool asks_for_listener =
      is_automatic && (!settings.events || settings.events->value == automatic_events);
  if (asks_for_listener && settings.has_listener.value_or(false)) {
    all_carry(EntryExtension::events,
              {settings.listener_source.origin,
               "a program listens to events: " + settings.listener_source.text});
  }
  if (rules != nullptr) {
    if (!rules->of_all.empty()) {
      if (use.of == BlockOf::none) {
        use.source = {Origin::computed, rules->all_why + ", for every entry"};
      }
      use.of = BlockOf::all_entries;
    }
    // nf_ct_ecache_ext_add: the masks of a rule count where events are off. Where they wait for a
    // listener, a rule without one gives nothing, and where they are on, all have them.
    ExtensionSet of_matched = rules->of_matched;
    if (!settings.events || settings.events->value != 0) of_matched.remove(EntryExtension::events);
    if (use.of == BlockOf::none && !of_matched.empty()) {
      use.of = BlockOf::matched_entries;
      use.source = {
          Origin::computed,
          rules->matched_why +
              ", for the entries that match; how many is not known: all are reckoned with it"};
    }
    use.extensions = use.extensions | rules->of_all | of_matched;
    // nf_nat_setup_info: what is translated and has a helper may need other sequence numbers.
    if (rules->translates && use.extensions.has(EntryExtension::helper)) {
      use.extensions.add(EntryExtension::seqadj);
    }
  }
  if (use.of != BlockOf::none) return use;
  const bool no_listener = settings.has_listener && !*settings.has_listener;
  use.source = {settings.events ? settings.events->source.origin : Origin::kernel_default,
                fmt::format("no accounting or timestamps{}, and events only for a listener ({})",
                            rules == nullptr ? "" : ", no rule that asks for it",
                            no_listener ? "none in this namespace" : "not seen from here")};
  return use;
}

Quantity entry_bytes(const Platform& platform) {
  const EntryRow& row = entry_row(platform);
  return {row.object_bytes, {row.origin, std::string(row.evidence)}};
}

Quantity entry_bytes(const Platform& platform, const ExtensionSet& extensions) {
  Quantity bytes = entry_bytes(platform);
  const unsigned least = entry_row(platform).extension_bytes;
  if (least == 0) return bytes;
  const unsigned block = block_bytes(extensions, platform.kernel, least);
  bytes.value += block;
  if (block != least) {
    bytes.source = {Origin::computed,
                    fmt::format("{}; a block of {}, since these extensions need more than {}",
                                bytes.source.text, block, least)};
  }
  return bytes;
}

}  // namespace untrack
