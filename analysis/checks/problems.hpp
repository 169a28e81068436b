// How a Problem of the reader becomes a Finding, for the checks that only pass problems on.
#pragma once

#include "analysis/check.hpp"
#include "analysis/facts.hpp"

namespace untrack::checks {

[[nodiscard]] Finding finding_of(const CheckInfo& check, const Facts& facts,
                                 const Problem& problem);

}  // namespace untrack::checks
