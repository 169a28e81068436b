// Tests for flows that are translated (`--ctstate DNAT`, `ct status dnat`) where no rule that was
// given translates: no packet meets them. Asked by the flows, and by rewrites, which leave them
// out.
#pragma once

#include "model/ruleset.hpp"

namespace untrack {

// A chain of nat was given that packets of the version meet.
[[nodiscard]] bool has_place_to_translate(const Ruleset& ruleset, IpVersion version);

// Some rule may translate the source (snat) or destination (dnat) of flows: true also where a part
// of the ruleset is not understood, or no chain of nat is given.
[[nodiscard]] bool may_translate(const Ruleset& ruleset, IpVersion version, CtState snat_or_dnat);

// The part asks for flows that are translated, and for nothing else; its negation is something
// else.
[[nodiscard]] CtStates translation_asked(const Ruleset& ruleset, const RulePart& part);

// Some rule asks for translated flows, and what would translate them is not given.
[[nodiscard]] bool asks_of_unseen_translation(const Ruleset& ruleset, IpVersion version);

// The part asks for translated flows alone, and no rule translates.
[[nodiscard]] bool asks_in_vain(const Ruleset& ruleset, IpVersion version, const RulePart& part);

}  // namespace untrack
