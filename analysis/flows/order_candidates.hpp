// OrderCandidates: in which order the orders of variables are to be tried (World::make), and which
// of them are hopeless.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "analysis/packet/layout.hpp"

namespace untrack {

struct OrderCandidate {
  Order order{};
  // Steps that it takes for all decisions, as far as a sample tells; 0: no sample was taken.
  std::size_t least = 0;
  std::size_t cost = 0;  // the lower, the earlier it is to be tried
};

// All of them. Of rulesets of some hundred rules and more a sample is taken, at a fraction of the
// price of one failure; of others, the first mostly is the best. Does not throw.
// No more than `most_steps` will be spent on one of them: what takes more is known no closer.
[[nodiscard]] std::vector<OrderCandidate> order_candidates(std::span<const Program* const> programs,
                                                           const Distinctions& distinctions,
                                                           std::size_t most_steps);

// What no order decides with less: the maps and sets of base chains, which are gone over whatever
// else is found. A map of a million elements is not begun with a budget for some hundred rules.
[[nodiscard]] std::size_t least_steps(std::span<const Program* const> programs);

}  // namespace untrack
