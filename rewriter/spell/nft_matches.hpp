// How `nft list ruleset` writes the conditions of a rule for a box of packets: `ip saddr
// 192.0.2.0/24 iifname "eth0" tcp dport 443`. The inverse of what the reader does with them; used
// by the rewrites for every rule that they write. Sets without names (`{ 80, 443 }`) say in one
// rule what iptables needs several for.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "analysis/packet/boxes.hpp"
#include "analysis/packet/layout.hpp"
#include "rewriter/spell/iptables_matches.hpp"
#include "rewriter/spell/nft_named_sets.hpp"

namespace untrack {

struct NftSpellOptions {
  // A test of TCP flags, of a box of TCP.
  std::string_view tcp_flags;
  bool keeps_types = false;  // see SpellOptions
  // The rule is for a table of both families, so that it has to say of which one it is.
  bool says_family = false;
  // In front of everything else: "ct state invalid".
  std::string_view first = {};
  // Sides that are said together, as `words`, where the first of them would stand: `ip saddr . tcp
  // sport { ... }`.
  std::span<const Field> together = {};
  std::string_view words = {};
  // Sets of the table, which are named where they hold what a side asks for.
  std::span<const NftNamedValues> sets = {};
};

[[nodiscard]] SpelledBox spell_nft(const Box& box, const Layout& layout,
                                   const NftSpellOptions& options = {});

// A range of addresses or ports as an element of a set: `192.0.2.0/24`, `1024-65535`.
[[nodiscard]] std::string nft_element(const Interval& range, Field field, IpVersion version);
// A name in quotes; nothing for what stands for all names that no rule mentions.
[[nodiscard]] std::optional<std::string> nft_interface(const NameDomain& names,
                                                       NameDomain::Atom atom);
// "tcp", where the protocol has a name.
[[nodiscard]] std::string nft_protocol_word(Number protocol);

// "meta nfproto ipv4 ": what stands in front of a rule in a table of both families that says
// nothing else of its family.
[[nodiscard]] std::string_view nft_family_words(IpVersion version);

}  // namespace untrack
