// Causes: the rules and policies by which a ruleset accepts packets of a set, so that an exposure
// can say what it comes from. Used by the obligations.
#pragma once

#include <span>
#include <vector>

#include "analysis/flows/witness.hpp"
#include "analysis/flows/world.hpp"

namespace untrack {

// Of packets as they enter their way, with the states in which they are asked about. A cause is
// what the concrete walk would name as the decider: the accept, or the policy, in the last base
// chain that filters; empty where there is no such chain. Rules in the order of the ruleset, then
// policies. Names too many rather than too few: NAT that changes packets in many ways ahead of a
// rule is forgotten in front of it (analysis/walk/reach.hpp). Throws BudgetExhausted.
[[nodiscard]] std::vector<Decider> causes_of(World& world, std::size_t program, Path path,
                                             Ref packets);
// The same of several sets, at about the price of one where no rule changes packets.
[[nodiscard]] std::vector<std::vector<Decider>> causes_of_each(World& world, std::size_t program,
                                                               Path path,
                                                               std::span<const Ref> sets);

}  // namespace untrack
