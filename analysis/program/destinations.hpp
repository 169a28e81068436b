// Which rulesets lead packets elsewhere: rules that translate destinations, or keep a mark. Asked
// by the recheck of certificates and by whoever has to know that packets of established flows are
// not what they carry.
#pragma once

#include "model/ruleset.hpp"

namespace untrack {

// DNAT, REDIRECT and NETMAP, and their like in nft. (NETMAP maps the source instead behind
// routing.)
[[nodiscard]] bool sets_destination(const NatStatement& nat);

// The statement puts the mark of the packet, as it is there, into the entry of its flow.
[[nodiscard]] bool saves_mark(const Statement& statement);

// Whether such a rule stands in a table that the kernel asks about packets of this version.
[[nodiscard]] bool translates_destinations(const Ruleset& ruleset, IpVersion version);

}  // namespace untrack
