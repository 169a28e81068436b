// Chains that one packet may come through more than once on its way, so that what they ask of a
// history (rates, lists, chance) may be answered otherwise the second time. Used by Program.
#pragma once

#include <vector>

#include "analysis/program/program.hpp"

namespace untrack {

// By ChainId. True wherever it cannot be told from who calls whom, and from how chains end; what
// calls ask for is not looked at. Linear in the rules of chains that are called.
[[nodiscard]] std::vector<bool> chains_met_twice(const Program& program);

// Whether what it asks decides of packets, and not only of what LOG and the like do.
[[nodiscard]] bool decides(const Ruleset& ruleset, const Rule& rule);

}  // namespace untrack
