// MayDiffer: which packets may meet, in one of two rulesets, a rule that the other does not have at
// that place. All others are decided alike, whatever it is that is not known of them (a mark that
// a connection keeps); of these that cannot be said where neither decision is known. Used by
// difference.cpp.
#pragma once

#include <optional>

#include "analysis/difference/changed_rules.hpp"
#include "analysis/flows/world.hpp"

namespace untrack {

class MayDiffer {
 public:
  // `world` holds the two as programs 0 and 1, and outlives this.
  explicit MayDiffer(World& world);

  // As they enter the way; more than these where rules change packets on it. All, where more
  // differs than rules. Throws BudgetExhausted.
  [[nodiscard]] Ref on(Path path);

 private:
  World& world_;
  std::optional<RulesOfBoth> changed_;
};

}  // namespace untrack
