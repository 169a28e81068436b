#include "analysis/difference/may_differ.hpp"

#include "analysis/walk/reach.hpp"

namespace untrack {

MayDiffer::MayDiffer(World& world) : world_(world) {
  const Program& before = world.walk(0).program();
  const Program& after = world.walk(1).program();
  const auto pairs = pair_rules(before.ruleset(), after.ruleset(), world.version());
  if (pairs) changed_ = changed_rules(before, after, *pairs);
}

Ref MayDiffer::on(Path path) {
  if (!changed_) return Diagram::yes;
  Diagram& d = world_.diagram();
  Ref all = Diagram::no;
  for (const std::size_t program : {0U, 1U}) {
    SymbolicWalk& walk = world_.walk(program);
    Ref met = Diagram::no;
    for (const RuleReach& row :
         reach(walk, path, Diagram::yes, {.wanted = (*changed_)[program]}).rules) {
      met = d.disj(met, row.matches);
    }
    // They stand there as rules have left them.
    all = d.disj(all, d.exists(met, walk.changed_levels()));
  }
  return all;
}

}  // namespace untrack
