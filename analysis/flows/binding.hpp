// Which rules work on the entry of a flow, and so bind it: NAT, helpers, zones, marks of entries.
// NOTRACK does not. Used by the obligations of rewrites (flows.hpp, bound_sets.hpp).
#pragma once

#include <vector>

#include "analysis/walk/reach.hpp"
#include "model/catalog/xtables_extensions.hpp"
#include "model/ruleset.hpp"

namespace untrack {

[[nodiscard]] bool is_bound_role(catalog::Role role);

// What of a rule needs the entry of a flow; names nothing if nothing does.
[[nodiscard]] ConstructId binding_construct(const Ruleset& ruleset, const Rule& rule);
// Whether a part of a rule asks for what only the entry tells.
[[nodiscard]] bool looks_at_entry(const Ruleset& ruleset, const RulePart& part);
// By RuleId: the rules of which something does.
[[nodiscard]] RuleSet binding_rules(const Ruleset& ruleset);
// Of a rule, the targets that work on the entry of a flow; NOTRACK does not.
[[nodiscard]] std::vector<ConstructId> binding_targets(const Ruleset& ruleset, const Rule& rule);

}  // namespace untrack
