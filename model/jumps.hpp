// The chains that a statement may send a packet to: that of a jump or goto, and those of the
// elements of a verdict map. For whoever follows chains without asking which packets go there.
#pragma once

#include "model/ruleset.hpp"

namespace untrack {

// Calls `each(const JumpStatement&)` for each of them, whether it is linked or not.
template <class Each>
void for_each_jump(const Ruleset& ruleset, const Statement& statement, Each each) {
  if (const auto* jump = std::get_if<JumpStatement>(&statement)) return each(*jump);
  const auto* map = std::get_if<VerdictMapStatement>(&statement);
  if (map == nullptr || !ruleset[*map].key.set.names_something()) return;
  const NamedSet& set = ruleset[ruleset[*map].key.set];
  for (const Statement& verdict : set.verdicts) {
    if (const auto* jump = std::get_if<JumpStatement>(&verdict)) each(*jump);
  }
  if (!set.otherwise) return;
  if (const auto* jump = std::get_if<JumpStatement>(&*set.otherwise)) each(*jump);
}

}  // namespace untrack
