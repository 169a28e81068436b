// Redundancy: rules that match packets, all of which later rules of the same chain would decide the
// same, so that the ruleset decides no packet otherwise without them. Computed once from the
// symbolic walk, read by the check UT202. Only what is certain, and all of them can go together: no
// rule is named whose packets another one of them, or a shadowed rule, would have to take.
#pragma once

#include <vector>

#include "analysis/flows/family_world.hpp"
#include "analysis/rare.hpp"
#include "analysis/shadows.hpp"
#include "model/ruleset.hpp"

namespace untrack {

struct Redundancies {
  // By RuleId: the later rules that take its packets, in the order of the chain; empty: not
  // analysed.
  std::vector<Rare<std::vector<RuleId>>> takers;
};

// Adds what one family has; `shadows` as add_shadows left it. Families whose inputs are a part of a
// larger ruleset are left out, since unknown rules may stand in between.
void add_redundancies(FamilyWorld& family, const Shadows& shadows, Redundancies& redundancies);

}  // namespace untrack
