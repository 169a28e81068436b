// Packet: one concrete packet on one of the three ways through a host: what the walks judge, what a
// witness is, what `explain` takes. A plain value; how people write it stands in packet_text.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "model/ip_protocol.hpp"
#include "model/match.hpp"
#include "model/vocabulary.hpp"

namespace untrack {

// The ways of a packet (docs/glossary.md): in is prerouting and input, forward is prerouting,
// forward and postrouting, out is output and postrouting.
enum class Path : std::uint8_t { in, forward, out };
inline constexpr std::array<Path, 3> all_paths = {Path::in, Path::forward, Path::out};
[[nodiscard]] std::string_view to_text(Path path);  // "in", as in the JSON contract
// The way of what answers a packet: in and out change places, forward stays.
[[nodiscard]] Path opposite(Path path);

inline constexpr std::size_t field_count = static_cast<std::size_t>(Field::family) + 1;

struct Packet {
  IpVersion version{};
  Path path{};
  // Names of interfaces; empty where the way has none: no out-interface on `in`, no in-interface on
  // `out`.
  std::string in_interface;
  std::string out_interface;
  // By Field, in the units of model/vocabulary.hpp. The places of the interfaces, of the state and
  // of either_port are not used.
  std::array<Number, field_count> values{};
  // What conntrack says when it looks at the packet, if it does and no NOTRACK came before: new_,
  // established, related or invalid.
  CtState state = CtState::new_;

  [[nodiscard]] Number& operator[](Field field) { return values[static_cast<std::size_t>(field)]; }
  [[nodiscard]] Number operator[](Field field) const {
    return values[static_cast<std::size_t>(field)];
  }
  friend bool operator==(const Packet&, const Packet&) = default;
};

namespace tcp_flag {  // RFC 9293, section 3.1
inline constexpr std::uint8_t fin = 1;
inline constexpr std::uint8_t syn = 2;
inline constexpr std::uint8_t rst = 4;
inline constexpr std::uint8_t psh = 8;
inline constexpr std::uint8_t ack = 16;
inline constexpr std::uint8_t urg = 32;
inline constexpr std::uint8_t ece = 64;
inline constexpr std::uint8_t cwr = 128;
}  // namespace tcp_flag

namespace address_type {  // of source_type and destination_type: RTN_*, linux/rtnetlink.h
inline constexpr Number unicast = 1;
inline constexpr Number local = 2;
inline constexpr Number broadcast = 3;
inline constexpr Number multicast = 5;
}  // namespace address_type

// ICMP queries and their replies, by type: RFC 792, RFC 950, RFC 4443; the pairs that conntrack
// knows (nf_conntrack_proto_icmp.c, nf_conntrack_proto_icmpv6.c invmap, 6.1; node information left
// out).
struct IcmpQuery {
  std::uint8_t request = 0;
  std::uint8_t reply = 0;
};
[[nodiscard]] std::span<const IcmpQuery> icmp_queries(IpVersion version);

// ICMPv6 that conntrack never tracks, as ranges of type * 256 + code: multicast listeners and
// neighbour discovery, types 130 to 136 and 143 (noct_valid_new, nf_conntrack_proto_icmpv6.c, 6.1;
// measured).
inline constexpr std::array<Interval, 2> never_tracked_icmpv6 = {
    {{Number{130} * 256, Number{136} * 256 + 255}, {Number{143} * 256, Number{143} * 256 + 255}}};

// ICMP of the family: 1 or 58.
[[nodiscard]] constexpr std::uint8_t icmp_of(IpVersion version) {
  return version == IpVersion::ipv4 ? ip_protocol::icmp : ip_protocol::icmpv6;
}

}  // namespace untrack
