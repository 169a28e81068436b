// MayDiffer: which packets two rulesets may decide otherwise though neither decision is known (of
// those with a mark that a connection keeps, say). Used by difference.cpp.
#pragma once

#include <array>
#include <optional>

#include "analysis/difference/changed_rules.hpp"
#include "analysis/flows/world.hpp"

namespace untrack {

class MayDiffer {
 public:
  // `world` holds the two as programs 0 and 1, and outlives this.
  explicit MayDiffer(World& world);

  // Packets that may meet, in one of the two, a rule that the other does not have at that place:
  // all others are decided alike, whatever it is that is not known. As they enter the way; more
  // than these where rules change packets on it; all, where more differs than rules. Throws
  // BudgetExhausted.
  [[nodiscard]] Ref by_rules(Path path);

  // Packets that are decided otherwise, or not known, with one of the marks that rules tell from
  // others, where statements give back the mark of the connection, which is the same in both. All,
  // where marks come from elsewhere, too, or rules change that of the connection or untrack
  // packets, where a packet may meet several such statements, or marks are too many to try. Throws
  // BudgetExhausted.
  [[nodiscard]] Ref by_marks(Path path);

 private:
  [[nodiscard]] bool may_open_marks_twice(std::size_t program, Path path);

  World& world_;
  std::optional<RulesOfBoth> changed_;
  std::array<std::optional<Ref>, 3> by_rules_;  // by path
};

}  // namespace untrack
