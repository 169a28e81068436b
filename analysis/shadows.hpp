// Shadows: rules that no packet can match because earlier rules of their chain take all of what
// they ask for. Computed once from the symbolic walk, read by the checks UT201 and UT203. Only what
// is certain: for every packet, every state and every outcome of what cannot be computed.
#pragma once

#include <vector>

#include "analysis/flows/family_world.hpp"
#include "analysis/rare.hpp"
#include "model/ruleset.hpp"

namespace untrack {

struct Shadow {
  std::vector<RuleId> takers;  // that take its packets, in the order of the chain
  bool is_opposite = false;    // all of them do the opposite of what it does
};

struct Shadows {
  std::vector<Rare<Shadow>> of_rule;  // by RuleId; empty: not analysed
};

// Adds what takes the packets of a rule elsewhere: on another way, or as another chain sees them.
void merge_shadow(const Ruleset& ruleset, RuleId rule, Shadow shadow, Shadows& shadows);

// Adds what one family has. Families whose inputs are a part of a larger ruleset are left out,
// since unknown rules may come before. Where the sets of all packets are too large, it is what
// single chains show (`of_chains`, from local/rule_lives.hpp), and the family remembers that this
// is not all.
void add_shadows(FamilyWorld& family, const Shadows& of_chains, Shadows& shadows);

}  // namespace untrack
