// What UT303 and UT304 share: does nothing but matches for one state keep tracking on?
#pragma once

#include "analysis/check.hpp"
#include "analysis/facts.hpp"
#include "analysis/finding.hpp"

namespace untrack::checks {

// The states that all forcing constructs of the family ask for together, if every one of them is a
// plain state match in a rule that may be reached; empty otherwise.
[[nodiscard]] CtStates states_that_force(const Facts& facts, IpVersion version);

// The finding of the check at the first of these constructs, with those behind it as related;
// without words.
[[nodiscard]] Finding lone_state_finding(const CheckInfo& check, const Facts& facts,
                                         IpVersion version);

}  // namespace untrack::checks
