#include "analysis/difference/may_differ.hpp"

#include <algorithm>
#include <vector>

#include "analysis/program/met_twice.hpp"
#include "analysis/walk/reach.hpp"

namespace untrack {

MayDiffer::MayDiffer(World& world) : world_(world) {
  const Program& before = world.walk(0).program();
  const Program& after = world.walk(1).program();
  const auto pairs = pair_rules(before.ruleset(), after.ruleset(), world.version());
  if (pairs) changed_ = changed_rules(before, after, *pairs);
}

Ref MayDiffer::by_rules(Path path) {
  if (!changed_) return Diagram::yes;
  std::optional<Ref>& known = by_rules_[static_cast<std::size_t>(path)];
  if (known) return *known;
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
  return *(known = all);
}

// Two statements may leave two marks, and one that is met twice, too.
bool MayDiffer::may_open_marks_twice(std::size_t program, Path path) {
  SymbolicWalk& walk = world_.walk(program);
  Diagram& d = world_.diagram();
  const Ruleset& ruleset = walk.program().ruleset();
  const std::vector<bool> is_met_twice = chains_met_twice(walk.program());
  bool is_in_such_a_chain = false;
  const RuleSet open = rules_where(ruleset, [&](const Rule& rule) {
    bool opens = false;
    for (std::uint32_t i = 0; i < rule.parts.count; ++i) {
      opens = opens || walk.program().leaves_mark_open(rule.parts.first + i);
    }
    if (opens && rule.chain.names_something() && is_met_twice[rule.chain.index()]) {
      is_in_such_a_chain = true;
    }
    return opens;
  });
  if (is_in_such_a_chain) return true;
  Ref seen = Diagram::no;
  for (const RuleReach& row : reach(walk, path, Diagram::yes, {.wanted = open}).rules) {
    if (row.matches == Diagram::no) continue;
    const Ref met = d.exists(row.matches, walk.changed_levels());
    if (d.intersects(seen, met)) return true;
    seen = d.disj(seen, met);
  }
  return false;
}

Ref MayDiffer::by_marks(Path path) {
  constexpr std::size_t most_marks = 16;
  const auto marks = world_.layout().marks().one_of_each(most_marks);
  if (marks.empty()) return Diagram::yes;
  for (const std::size_t program : {0U, 1U}) {
    if (world_.walk(program).is_of_some_rules() || may_open_marks_twice(program, path)) {
      return Diagram::yes;
    }
  }
  Diagram& d = world_.diagram();
  Ref all = Diagram::no;
  for (const std::uint32_t mark : marks) {
    SymbolicWalk before(world_.walk(0).program(), world_.layout(), d);
    SymbolicWalk after(world_.walk(1).program(), world_.layout(), d);
    before.choose_mark(mark);
    after.choose_mark(mark);
    Ref alike = Diagram::no;
    for (const Decision decision :
         {Decision::accept, Decision::drop, Decision::reject, Decision::elsewhere}) {
      const auto number = static_cast<std::uint32_t>(decision);
      alike = d.disj(
          alike, d.conj(d.where(before.decide(path), number), d.where(after.decide(path), number)));
    }
    all = d.disj(all, d.minus(Diagram::yes, alike));
  }
  return all;
}

}  // namespace untrack
