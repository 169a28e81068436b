// protocols_with: of which protocols a packet has to be to have a field at all. Used by the
// concrete walk, the encoder of sets and the boxes of analysis/local, which each say it in their
// way; the recheck of certificates has a table of its own, since it shares nothing with these.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "analysis/packet/packet.hpp"

namespace untrack {

// The source_mac of what did not come over Ethernet: over lo, a tunnel, from this host. `-m mac`
// and `ether saddr` do not match it, negated or not (mac_mt, xt_mac.c; nft asks `meta iiftype
// ether` in front; measured on 6.18).
inline constexpr Number no_mac = 0;

namespace field_protocols {  // each sorted
inline constexpr std::array ported = ip_protocol::with_ports;
inline constexpr std::array tcp = {ip_protocol::tcp};
inline constexpr std::array icmp = {ip_protocol::icmp};
inline constexpr std::array icmpv6 = {ip_protocol::icmpv6};
inline constexpr std::array sctp = {ip_protocol::sctp};
inline constexpr std::array dccp = {ip_protocol::dccp};
inline constexpr std::array ah = {ip_protocol::ah};
inline constexpr std::array esp = {ip_protocol::esp};
inline constexpr std::array mobility = {ip_protocol::mobility};
}  // namespace field_protocols

// Sorted. Empty: every packet has the field. Otherwise it stands in the header of layer 4, which a
// later fragment does not have, whatever its protocol.
[[nodiscard]] constexpr std::span<const std::uint8_t> protocols_with(Field field,
                                                                     IpVersion version) {
  switch (field) {
    case Field::source_port:
    case Field::destination_port:
    case Field::either_port:
      return field_protocols::ported;
    case Field::tcp_flags:
    case Field::tcp_option:
      return field_protocols::tcp;
    case Field::icmp_type_code:
      if (version == IpVersion::ipv4) return field_protocols::icmp;
      return field_protocols::icmpv6;
    case Field::sctp_chunks:
      return field_protocols::sctp;
    case Field::dccp_type:
      return field_protocols::dccp;
    case Field::ah_spi:
      return field_protocols::ah;
    case Field::esp_spi:
      return field_protocols::esp;
    case Field::mh_type:
      return field_protocols::mobility;
    case Field::in_interface:
    case Field::out_interface:
    case Field::source_address:
    case Field::destination_address:
    case Field::protocol:
    case Field::later_fragment:
    case Field::ct_state:
    case Field::mark:
    case Field::packet_type:
    case Field::source_mac:
    case Field::length:
    case Field::ttl:
    case Field::dscp:
    case Field::ecn:
    case Field::source_type:
    case Field::destination_type:
    case Field::family:
      return {};
  }
  return {};
}

}  // namespace untrack
