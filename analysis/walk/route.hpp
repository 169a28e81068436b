// What routing ends, between prerouting and the next hook: packets that lead to another way than
// the one that is asked about, and fragments that wait for the others. For the concrete walk.
#pragma once

#include <optional>

#include "analysis/packet/packet.hpp"
#include "analysis/walk/decision.hpp"

namespace untrack {

// Nothing: the packet goes on.
[[nodiscard]] inline std::optional<Decision> decided_by_route(const Packet& packet) {
  const Number type = packet[Field::destination_type];
  const bool fits = packet.path == Path::in
                        ? type >= address_type::local && type <= address_type::multicast
                        : type == address_type::unicast || type == address_type::multicast;
  if (!fits) return Decision::elsewhere;
  // The stack waits for the other fragments in front of LOCAL_IN (ip_input.c, 6.1).
  if (packet.path == Path::in && packet.version == IpVersion::ipv4 &&
      packet[Field::later_fragment] == 1) {
    return Decision::accept;
  }
  return std::nullopt;
}

}  // namespace untrack
