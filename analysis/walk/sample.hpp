// A sample of a ruleset, on which the order of variables is chosen (World::make): some rules of
// each long chain that packets come to, and what they call. What it does is not what the ruleset
// does; its shape is the same.
#pragma once

#include "analysis/program/program.hpp"
#include "analysis/walk/reach.hpp"

namespace untrack {

// About one rule in `every` of the long chains; of short ones all. Linear in the ruleset.
[[nodiscard]] RuleSet sample_rules(const Program& program, std::size_t every);

}  // namespace untrack
