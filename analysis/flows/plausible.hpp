// Plausible: of a set of packets, those that a person believes: from an address that hosts have, to
// one host, of a usual protocol, over an interface that the ruleset names. Used wherever one
// packet of a set is shown.
#pragma once

#include "analysis/flows/world.hpp"

namespace untrack {

// Not empty if the set is not. Each wish counts if some packet grants it beside those before it;
// that hosts send the packet comes first. If a limit is reached, the wishes that were left count
// for nothing; does not throw.
[[nodiscard]] Ref plausible(World& world, Path path, Ref packets);

}  // namespace untrack
