// Numbers of protocols that the program knows more of than a name (model/catalog/protocols.hpp has
// those): read wherever a rule for one of them is built, judged or written. IANA, "Assigned
// Internet Protocol Numbers".
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "model/match.hpp"

namespace untrack {
namespace ip_protocol {

inline constexpr std::uint8_t icmp = 1;
inline constexpr std::uint8_t tcp = 6;
inline constexpr std::uint8_t udp = 17;
inline constexpr std::uint8_t dccp = 33;
inline constexpr std::uint8_t gre = 47;
inline constexpr std::uint8_t esp = 50;
inline constexpr std::uint8_t ah = 51;
inline constexpr std::uint8_t icmpv6 = 58;
inline constexpr std::uint8_t sctp = 132;
inline constexpr std::uint8_t mobility = 135;  // MIPv6
inline constexpr std::uint8_t udplite = 136;

inline constexpr std::array<std::uint8_t, 5> with_ports = {tcp, udp, dccp, sctp, udplite};

}  // namespace ip_protocol

// Whether its header begins with a source and a destination port.
[[nodiscard]] constexpr bool has_ports(Number protocol) {
  return std::ranges::find(ip_protocol::with_ports, protocol) != ip_protocol::with_ports.end();
}

}  // namespace untrack
