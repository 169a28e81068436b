// Exchanged rules: of two chains, the rules that stand in another order in which they decide the
// same. Rules next to each other that ask of the packet alone, and all accept it or all drop it,
// are a union of what they match, whatever their order: the most usual edit of a large ruleset, and
// one that no diagram is needed for. Part of changed_rules.hpp.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "model/ruleset.hpp"

namespace untrack {

// The places of a rule and of one that says the same, in a chain of the old ruleset and of the new.
struct TwinPlaces {
  std::size_t left = 0;
  std::size_t right = 0;
};

// The twins that count as unmoved beside those of `kept`, which rise on both sides: with all rules
// but the twins of both taken away, a packet is decided alike in both chains. `moved`: others, each
// place once; all of them that may be exchanged at all, or none. `left`: the rules of the old
// chain.
[[nodiscard]] std::vector<TwinPlaces> exchanged_rules(const Ruleset& before,
                                                      std::span<const RuleId> left,
                                                      std::span<const TwinPlaces> kept,
                                                      std::span<const TwinPlaces> moved);

}  // namespace untrack
