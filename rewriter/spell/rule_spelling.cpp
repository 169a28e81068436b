#include "rewriter/spell/rule_spelling.hpp"

#include <utility>

#include "rewriter/spell/nft_combinations.hpp"

namespace untrack {
namespace {

std::string_view iptables_flags(TcpGate gate) {
  switch (gate) {
    case TcpGate::none:
      return {};
    case TcpGate::reply:
      return "! --tcp-flags ACK,RST NONE";
    case TcpGate::reset:
      return "--tcp-flags RST RST";
  }
  return {};
}

std::string_view nft_flags(TcpGate gate) {
  switch (gate) {
    case TcpGate::none:
      return {};
    case TcpGate::reply:
      return "tcp flags & (ack | rst) != 0";
    case TcpGate::reset:
      return "tcp flags & rst == rst";
  }
  return {};
}

std::string_view iptables_state(CtState state) {
  return state == CtState::invalid ? " -m conntrack --ctstate INVALID"
                                   : " -m conntrack --ctstate UNTRACKED";
}

std::string_view nft_state(CtState state) {
  return state == CtState::invalid ? "ct state invalid" : "ct state untracked";
}

}  // namespace

RuleSpelling::RuleSpelling(const Ruleset& ruleset, TableId table)
    : is_nft_(ruleset[table].language == Language::nft),
      serves_both_(ip_versions(ruleset[table].family) == IpVersions::both()) {
  if (is_nft_) sets_ = nft_named_values(ruleset, table);
}

SpelledBox RuleSpelling::boxes(std::span<const Box> boxes, const Layout& layout,
                               const RuleWish& wish) const {
  if (is_nft_) {
    return spell_nft_combined(boxes, layout,
                              {.tcp_flags = nft_flags(wish.gate),
                               .keeps_types = wish.keeps_types,
                               .says_family = serves_both_,
                               .first = wish.state ? nft_state(*wish.state) : std::string_view(),
                               .sets = sets_});
  }
  SpelledBox all;
  for (const Box& box : boxes) {
    SpelledBox spelled = spell_iptables(
        box, layout, {.tcp_options = iptables_flags(wish.gate), .keeps_types = wish.keeps_types});
    all.is_wider |= spelled.is_wider;
    all.is_too_large |= spelled.is_too_large;
    for (std::string& conditions : spelled.rules) {
      if (wish.state) conditions += iptables_state(*wish.state);
      all.rules.push_back(std::move(conditions));
    }
  }
  return all;
}

std::optional<std::string> RuleSpelling::later_fragments(IpVersion version) const {
  const bool is_v4 = version == IpVersion::ipv4;
  if (is_nft_) return is_v4 ? "ip frag-off & 0x1fff != 0" : "frag frag-off != 0";
  // ip6tables can say "the first" and "not the last", but not this (libip6t_frag.c, 1.8.9).
  if (!is_v4) return std::nullopt;
  return "-f";
}

std::string_view RuleSpelling::for_this_host() const {
  return is_nft_ ? "fib daddr type local" : "-m addrtype --dst-type LOCAL";
}

std::string_view RuleSpelling::for_others(IpVersion version) const {
  if (is_nft_) return "fib daddr type unicast";
  // In IPv6 an address of this host is UNICAST, too (match_type6 in xt_addrtype.c).
  return version == IpVersion::ipv4
             ? "-m addrtype --dst-type UNICAST"
             : "-m addrtype --dst-type UNICAST -m addrtype ! --dst-type LOCAL,ANYCAST";
}

std::string_view RuleSpelling::first_packet() const {
  return is_nft_ ? "tcp flags & (fin | syn | rst | ack) == syn"
                 : "-m tcp --tcp-flags FIN,SYN,RST,ACK SYN";
}

std::string_view RuleSpelling::odd_flags(bool names_protocol) const {
  if (is_nft_) return "tcp flags & (fin | syn) == fin | syn";
  return names_protocol ? "-p tcp -m tcp --tcp-flags FIN,SYN FIN,SYN"
                        : "-m tcp --tcp-flags FIN,SYN FIN,SYN";
}

}  // namespace untrack
