// What each packet has that nft asks about, and what may be missing. Private to
// lower_comparisons.cpp and lower_sets.cpp: a test and its opposite are one condition only where it
// is there.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "parser/nft/node.hpp"

namespace untrack::nft {

// The text of the expression that a comparison begins with.
inline std::string_view first_selector(const Node& left) {
  const Node* inner = &left;
  while (inner->kind == NodeKind::binary) inner = &inner->children[0];
  return inner->text;
}

// Whether every packet that has the headers which the rule asks for has this. Where it is not there
// (no socket, no such TCP option, no interface), the kernel leaves the rule, whether it asks for a
// value or for any other (NFT_BREAK in nft_meta.c, nft_socket.c, nft_xfrm.c, nft_exthdr.c, 6.1;
// skuid, ipsec and maxseg measured on 6.18). What is not listed may be missing. Headers of IPv6
// have a test of their own in front (add_dependencies); what asks for an entry is told by its key.
inline bool is_always_there(std::string_view selector) {
  static constexpr std::array<std::string_view, 36> always = {
      "ah ",           "comp ",       "ct ",       "dccp ",        "dst ",         "esp ",
      "exthdr ",       "fib ",        "frag ",     "hbh ",         "icmp ",        "icmpv6 ",
      "igmp ",         "ip ",         "ip6 ",      "meta cpu",     "meta day",     "meta hour",
      "meta l4proto",  "meta length", "meta mark", "meta nfproto", "meta pkttype", "meta priority",
      "meta protocol", "meta random", "meta time", "mh ",          "numgen",       "rt hdrlength",
      "rt nexthdr",    "rt seg-left", "rt type",   "sctp ",        "tcp ",         "udp"};
  static constexpr std::array<std::string_view, 2> but = {"sctp chunk", "tcp option"};
  const auto begins = [&](std::string_view word) { return selector.starts_with(word); };
  return std::ranges::any_of(always, begins) && std::ranges::none_of(but, begins);
}

// Each part of what is looked up.
inline bool is_always_there(const Node& left) {
  if (left.kind != NodeKind::concat) return is_always_there(first_selector(left));
  return std::ranges::all_of(
      left.children, [](const Node& part) { return is_always_there(first_selector(part)); });
}

}  // namespace untrack::nft
