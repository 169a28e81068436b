// Chains that packets meet ahead of the translation of destinations (DNAT and its like). What is
// asked there of a destination is asked of another one than behind it: a condition that is not
// computed from the packet is not the same on both sides. Used by Program.
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "model/ruleset.hpp"

namespace untrack {
namespace ahead_of_translation {

// Of iptables: those that look at nothing that a translation changes. Any other may, what an entry
// says of answers among them.
inline constexpr std::array<std::string_view, 18> others = {
    "cgroup",   "connbytes", "connlabel", "connlimit", "connmark",  "cpu",
    "devgroup", "helper",    "limit",     "mark",      "nfacct",    "owner",
    "physdev",  "quota",     "recent",    "state",     "statistic", "time"};
// Words of nft that stand for a destination, for bytes that may be one, or for what is looked up by
// it.
inline constexpr std::array<std::string_view, 11> words = {
    "ct ", "daddr", "dport", "@nh", "@th", "fib", "rt ", "xt ", "socket", "ipsec", "rtclassid"};

}  // namespace ahead_of_translation

// By ChainId; empty where nothing translates destinations of this version. A chain that is called
// from both sides counts as ahead.
[[nodiscard]] std::vector<bool> chains_ahead_of_translation(const Ruleset& ruleset,
                                                            IpVersion version);

// Whether what the test asks may be of the destination of a packet; not where it is of what stays
// the same on the packet's way.
[[nodiscard]] inline bool may_ask_destination(const Ruleset& ruleset, const RulePart& part) {
  const auto* match = std::get_if<Match>(&part.what);
  if (match == nullptr) return false;
  if (const auto* set = std::get_if<SetTest>(match)) {
    if (set->dimension_count > 0) return set->destination_dimensions != 0;
    return set->field_count == 0 ||
           std::ranges::any_of(std::span(set->fields).first(set->field_count), [](Field field) {
             return field == Field::destination_address || field == Field::destination_port ||
                    field == Field::destination_type;
           });
  }
  const auto* opaque = std::get_if<OpaqueTest>(match);
  if (opaque == nullptr) return false;
  const bool has_construct = part.construct.names_something();
  const Construct* construct = has_construct ? &ruleset[part.construct] : nullptr;
  if (construct == nullptr || construct->language == Language::nft) {
    const std::string_view key = opaque->key;
    return std::ranges::any_of(ahead_of_translation::words, [&](std::string_view word) {
      return key.find(word) != std::string_view::npos;
    });
  }
  return construct->extension == nullptr ||
         std::ranges::find(ahead_of_translation::others, construct->extension->name) ==
             ahead_of_translation::others.end();
}

// What is added to the words of a condition. `is_late`: its chain stands behind the translation of
// sources (late_sources.hpp), where Program itself tells fields apart.
[[nodiscard]] inline std::string_view side_of_translation(const Ruleset& ruleset,
                                                          const RulePart& part, bool is_ahead,
                                                          bool is_late) {
  if (is_ahead && may_ask_destination(ruleset, part)) return " ahead of translation";
  const auto* match = std::get_if<Match>(&part.what);
  const bool is_computed_elsewhere = match == nullptr || std::holds_alternative<FieldTest>(*match);
  return is_late && !is_computed_elsewhere ? " behind translation" : "";
}

}  // namespace untrack
