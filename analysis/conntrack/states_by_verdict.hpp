// states_by_verdict: what `ct state vmap { ... }` says of each state, the form in which nft
// rulesets mostly ask for it. Used by the checks that look for rules of some state.
#pragma once

#include <optional>

#include "model/ruleset.hpp"

namespace untrack {

struct StatesByVerdict {
  const RulePart* part = nullptr;
  CtStates accepted;
  CtStates dropped;
  CtStates others;  // which the map sends elsewhere

  [[nodiscard]] CtStates named() const { return accepted | dropped | others; }
};

// Nothing if the rule has no such map, or not every element of it is known.
[[nodiscard]] std::optional<StatesByVerdict> states_by_verdict(const Ruleset& ruleset,
                                                               const Rule& rule);

}  // namespace untrack
