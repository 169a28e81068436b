// without_nobody: packets, but those with the address of a group as their source. Nobody can answer
// them, and no host sends its ICMP errors so: that a rewrite refuses them breaks no flow. Used by
// O2 of the recheck.
#pragma once

#include "analysis/recheck/tests.hpp"
#include "analysis/recheck/traffic.hpp"

namespace untrack::boxwise {

[[nodiscard]] inline BoxList without_nobody(const Traffic& traffic, const Algebra& sets,
                                            BoxList packets) {
  packets = sets.minus(packets, traffic.from_groups());
  for (const Number type : {address_type::broadcast, address_type::multicast}) {
    packets = sets.minus(packets, traffic.of({equals(Field::source_type, type)}));
  }
  return packets;
}

}  // namespace untrack::boxwise
