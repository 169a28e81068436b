// Merged reach: what reach() found in two passes over one way (loopback apart from the rest), as if
// it had been one. Used by reach() alone.
#pragma once

#include "analysis/walk/reach.hpp"

namespace untrack {

// One row a chain and run, and one a rule, whatever it took to find them.
[[nodiscard]] PathReach merged(Diagram& diagram, const PathReach& found);

}  // namespace untrack
