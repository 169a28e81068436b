// Shadows within single chains: rules whose every packet an earlier rule of the same chain takes,
// whatever comes to the chain. For rulesets that are too large for the sets of all packets at once
// (shadows.hpp): each rule is held against those alone that have addresses and ports in common with
// it, so that the work grows with them and not with the ruleset. What it names is certain; what it
// does not name is not known.
#pragma once

#include "analysis/program/program.hpp"
#include "analysis/shadows.hpp"

namespace untrack {

// The result is by RuleId. Ends, with what it has by then, when the diagrams have taken about
// `most_steps` (DiagramLimits::steps).
[[nodiscard]] Shadows find_chain_shadows(const Program& program, std::size_t most_steps);

}  // namespace untrack
