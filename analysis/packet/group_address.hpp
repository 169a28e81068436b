// Addresses of groups, which no host answers from. Used by whoever tells what a packet or an entry
// of the table is by its addresses; which of them a host sends at all stands in sent.hpp.
#pragma once

#include "model/match.hpp"
#include "model/vocabulary.hpp"

namespace untrack {

// 224.0.0.0/4, ff00::/8.
[[nodiscard]] constexpr bool is_multicast(Number address, IpVersion version) {
  return version == IpVersion::ipv4 ? address >> 28U == 0xe : address >> 120U == 0xff;
}

// Multicast, and in IPv4 what lies above it: reserved, and the limited broadcast.
[[nodiscard]] constexpr bool is_of_no_host(Number address, IpVersion version) {
  return is_multicast(address, version) || (version == IpVersion::ipv4 && address >= 0xf0000000);
}

}  // namespace untrack
