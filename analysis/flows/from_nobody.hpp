// from_nobody: packets with the address of a group as their source. Nobody can answer them, and no
// host sends its ICMP errors so (RFC 1122, 3.2.1.3); those from multicast are dropped where they
// are routed (ip_route_input_slow, ip6_rcv_core, 6.1). Used by O2: that a rewrite refuses them
// breaks no flow.
#pragma once

#include "analysis/flows/world.hpp"

namespace untrack {

[[nodiscard]] inline Ref from_nobody(World& world) {
  Diagram& d = world.diagram();
  Ref all = world.from_groups();
  for (const Number type : {address_type::broadcast, address_type::multicast}) {
    all = d.disj(all, world.range(Field::source_type, {type, type}));
  }
  return all;
}

}  // namespace untrack
