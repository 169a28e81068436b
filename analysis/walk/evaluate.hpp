// evaluate: whether one packet meets one test, as the kernel's match functions decide it. Used by
// the concrete walk and by the attribution of entries, has_field also by who reads and writes
// packets as words; what a test means for all packets at once is analysis/encode's business.
#pragma once

#include <cstddef>
#include <optional>

#include "analysis/packet/packet.hpp"
#include "model/ruleset.hpp"

namespace untrack {

// Whether the packet has the field at all: no port in ICMP, no header of layer 4 in a later
// fragment.
[[nodiscard]] bool has_field(const Packet& packet, Field field);

// Conntrack leaves IPv6 neighbour discovery and multicast listeners alone, whatever rules say.
[[nodiscard]] bool is_never_tracked(const Packet& packet);

// A field that the packet does not have makes it false, negated or not (tcp_mt, udp_mt and their
// like return false before they look at the inversion; xt_tcpudp.c, 6.1).
[[nodiscard]] bool holds(const Ruleset& ruleset, const FieldTest& test, const Packet& packet);

// An interface that the packet does not have, or that the hook does not show, has the empty name.
[[nodiscard]] bool holds(const Ruleset& ruleset, const NameTest& test, const Packet& packet,
                         bool sees_out_interface);

// The set must be linked and its contents known. Unlike a FieldTest, the negation of a test with a
// field that the packet does not have is true: the packet is not in the set (match_set in xt_set.c
// inverts what ip_set_test returns, 0 in that case; measured on 6.18 with a bitmap:port and ICMP).
// In nft such a packet matches neither (payload loads that fail end the rule, nft_payload.c, 6.1).
// `state`: what conntrack says of the packet where the rule stands.
[[nodiscard]] bool holds(const Ruleset& ruleset, const SetTest& test, const Packet& packet,
                         bool sees_out_interface, CtState state);

// The element of the set that the packet's key is in; under the same conditions.
[[nodiscard]] std::optional<std::size_t> find_element(const Ruleset& ruleset, const SetTest& test,
                                                      const Packet& packet, bool sees_out_interface,
                                                      CtState state);

}  // namespace untrack
