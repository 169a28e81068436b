// What holds for every ruleset, whatever bytes it was read from. Asked by the fuzz targets and by
// the property tests with hostile input.
#pragma once

#include <string>

#include "model/ruleset.hpp"

namespace untrack {

// The first thing that does not hold, or nothing: spans lie in their source, ids and pool ranges
// name something that exists, a rule in a chain belongs to it, each problem can be printed, and no
// terminal control character of the input survives the printing.
[[nodiscard]] std::string broken_invariant(const Sources& sources, const Ruleset& ruleset);

}  // namespace untrack
