// What each packet has that nft asks about, and what may be missing. Private to
// lower_comparisons.cpp and lower_sets.cpp: a test and its opposite are one condition only where it
// is there.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "model/catalog/nft_expressions.hpp"
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
// skuid, ipsec, maxseg, extension headers and options of IPv4 measured on 6.18; the helper of an
// entry without one, and its addresses of the other family, nft_ct.c and 6.18). What is not listed
// may be missing. What asks for an entry is told by its key.
inline bool is_always_there(std::string_view selector) {
  static constexpr std::array<std::string_view, 26> always = {
      "ah ",          "comp ",        "ct ",           "dccp ",         "esp ",        "exthdr ",
      "fib ",         "icmp ",        "icmpv6 ",       "igmp ",         "ip ",         "ip6 ",
      "meta cpu",     "meta day",     "meta hour",     "meta l4proto",  "meta length", "meta mark",
      "meta nfproto", "meta pkttype", "meta priority", "meta protocol", "meta time",   "sctp ",
      "tcp ",         "udp"};
  static constexpr std::array<std::string_view, 6> but = {
      "sctp chunk", "tcp option", "ip option", "ct helper", "ct original ip", "ct reply ip"};
  static constexpr std::array<std::string_view, 3> of_no_header = {"ct ", "fib ", "meta "};
  const auto begins = [&](std::string_view word) { return selector.starts_with(word); };
  // What the rule asks of headers in front is known of the expressions in the table.
  const bool has_test_in_front = std::ranges::any_of(of_no_header, begins) ||
                                 catalog::find_nft_expression(selector) != nullptr;
  return has_test_in_front && std::ranges::any_of(always, begins) &&
         std::ranges::none_of(but, begins);
}

// Each part of what is looked up.
inline bool is_always_there(const Node& left) {
  if (left.kind != NodeKind::concat) return is_always_there(first_selector(left));
  return std::ranges::all_of(
      left.children, [](const Node& part) { return is_always_there(first_selector(part)); });
}

// Whether the kernel draws another value each time it is asked, twice for one packet, too.
inline bool is_drawn_anew(std::string_view selector) {
  return selector.starts_with("numgen") || selector == "meta random";
}

}  // namespace untrack::nft
