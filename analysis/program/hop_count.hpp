// TTL and hop limit are one less behind routing, for what is forwarded (ip_forward, ip_forward.c;
// ip6_forward, ip6_output.c, 6.1; seen on 6.18). Used by Program, for which a packet has one of
// them alone.
#pragma once

#include "model/ruleset.hpp"

namespace untrack {

// Whether rules ask for it both ahead of routing and where packets are that were forwarded.
[[nodiscard]] bool asks_hops_on_both_sides(const Ruleset& ruleset, IpVersion version);

}  // namespace untrack
