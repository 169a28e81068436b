// Chains that packets meet ahead of the translation of destinations (DNAT and its like). What is
// asked there of a destination is asked of another one than behind it: a condition that is not
// computed from the packet is not the same on both sides. Used by Program.
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <vector>

#include "model/catalog/nft_expressions.hpp"
#include "model/ruleset.hpp"

namespace untrack {
namespace ahead_of_translation {

// Of iptables: those that look at nothing that a translation changes. Any other may, what an entry
// says of answers among them.
inline constexpr std::array<std::string_view, 18> others = {
    "cgroup",   "connbytes", "connlabel", "connlimit", "connmark",  "cpu",
    "devgroup", "helper",    "limit",     "mark",      "nfacct",    "owner",
    "physdev",  "quota",     "recent",    "state",     "statistic", "time"};

// Of nft, the same; checksums, identifications of ICMP and hashes of a flow are made of
// destinations.
inline constexpr std::array<catalog::NftHeader, 24> other_selectors = {{
    {"ah", "hdrlength nexthdr reserved sequence spi"},
    {"comp", "cpi nexthdr"},
    {"dccp", "sport type"},
    {"dst", "hdrlength nexthdr"},
    {"esp", "sequence spi"},
    {"ether", "saddr type"},
    {"exthdr", "dst frag hbh mh rt"},
    {"frag", "frag-off id more-fragments nexthdr"},
    {"hbh", "hdrlength nexthdr"},
    {"icmp", "code sequence type"},
    {"icmpv6", "code sequence type"},
    {"igmp", "group type"},
    {"ip", "dscp ecn frag-off hdrlength id length option protocol saddr ttl version"},
    {"ip6", "dscp ecn flowlabel hoplimit length nexthdr saddr version"},
    {"meta",
     "cgroup cpu day hour ibrname iif iifgroup iifkind iifname iiftype l4proto length mark nfproto "
     "pkttype priority protocol sdifname skgid skuid time"},
    {"mh", "type"},
    {"rt", "hdrlength seg-left type"},
    {"sctp", "chunk sport"},
    {"tcp", "ackseq doff flags option sequence sport urgptr window"},
    {"th", "sport"},
    {"udp", "length sport"},
    {"udplite", "csumcov sport"},
    {"vlan", "cfi dei id pcp type"},
    {"vxlan", "vni"},
}};

// One of these, with nothing but values laid over it (`tcp flags & 0x12`).
inline bool is_other_selector(std::string_view text) {
  for (std::size_t value = text.rfind(' '); value != std::string_view::npos;
       value = text.rfind(' ')) {
    const std::size_t sign = text.rfind(' ', value - 1);
    const bool is_masked = sign != std::string_view::npos && sign + 2 == value &&
                           std::string_view("&|^").find(text[sign + 1]) != std::string_view::npos;
    if (!is_masked) break;
    text = text.substr(0, sign);
  }
  const std::string_view header = text.substr(0, text.find(' '));
  const std::string_view behind = text.substr(std::min(header.size() + 1, text.size()));
  const std::string_view field = behind.substr(0, behind.find(' '));
  const bool has_parts = field == "option" || field == "chunk";  // and what is asked of it
  return (has_parts || field.size() == behind.size()) &&
         std::ranges::any_of(other_selectors, [&](const catalog::NftHeader& row) {
           return row.name == header && catalog::has_word(row.fields, field);
         });
}

// Whether a condition of nft is of these alone: each part of what stands left of its sign.
inline bool asks_of_others(std::string_view key) {
  constexpr std::array<std::string_view, 6> signs = {" == ", " != ", " < ", " > ", " <= ", " >= "};
  std::size_t end = std::string_view::npos;
  for (const std::string_view sign : signs) end = std::min(end, key.find(sign));
  if (end == std::string_view::npos) return false;
  std::string_view left = key.substr(0, end);
  constexpr std::string_view between = " . ";
  for (std::size_t dot = left.find(between); dot != std::string_view::npos;
       dot = left.find(between)) {
    if (!is_other_selector(left.substr(0, dot))) return false;
    left.remove_prefix(dot + between.size());
  }
  return is_other_selector(left);
}

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
    return !ahead_of_translation::asks_of_others(opaque->key);
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
