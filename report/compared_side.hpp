// ComparedSide: one of the two rulesets that `diff` or `verify` holds against each other, with the
// texts that everything in it points into. Part of DiffReport and VerifyReport; witness_text and
// witness_json name its rules. `sources` is never null in a report that a pipeline returned.
#pragma once

#include <memory>

#include "model/ruleset.hpp"
#include "model/source_text.hpp"

namespace untrack {

struct ComparedSide {
  std::unique_ptr<Sources> sources;
  Ruleset ruleset;
};

}  // namespace untrack
