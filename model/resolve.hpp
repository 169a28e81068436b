// resolve: the step between reading and analysis. Links names to ids (jumps to chains, set matches
// to sets) and reports what no loader would accept: a jump to a missing chain, a loop of chains, a
// base chain as jump target. Called once, after all inputs.
#pragma once

#include "model/ruleset.hpp"

namespace untrack {

// Adds to ruleset.problems and sorts them by place. Linear in the size of the ruleset, but for
// that.
void resolve(Ruleset& ruleset);

}  // namespace untrack
