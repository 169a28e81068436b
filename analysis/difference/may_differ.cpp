#include "analysis/difference/may_differ.hpp"

#include <algorithm>
#include <vector>

#include "analysis/facts.hpp"
#include "analysis/program/met_twice.hpp"
#include "analysis/program/tracking_place.hpp"
#include "analysis/walk/reach.hpp"

namespace untrack {
namespace {

// The whole mark of the connection, where there is one.
bool gives_back_mark(const Ruleset& ruleset, const Rule& rule, const RulePart& part) {
  const auto* statement = std::get_if<Statement>(&part.what);
  const auto* change = statement == nullptr ? nullptr : std::get_if<ConntrackStatement>(statement);
  if (change == nullptr || change->what != "restore-mark" ||
      tracking_place(ruleset, rule.chain) != TrackingPlace::behind ||
      !part.construct.names_something()) {
    return false;
  }
  const Construct& construct = ruleset[part.construct];
  if (construct.language == Language::nft) return change->value == "meta mark set ct mark";
  // Neither shifted nor masked; iptables-save prints the masks that say nothing.
  return std::ranges::all_of(
      slice(ruleset.options, construct.options), [](const OptionUse& option) {
        return option.name == "restore-mark" ||
               (option.name.ends_with("mask") && option.value == "0xffffffff");
      });
}

// Whether what statements leave open is the mark of the connection alone, and the same at every
// place and in every ruleset of which this holds: no rule sets or saves it, or untracks packets.
bool opens_one_mark(const Program& program) {
  if (!program.tracks()) return false;
  const Ruleset& ruleset = program.ruleset();
  for (const Rule& rule : ruleset.rules) {
    if (!rule.chain.names_something()) continue;
    for (std::uint32_t i = 0; i < rule.parts.count; ++i) {
      const RulePart& part = ruleset.parts[rule.parts.first + i];
      const auto* statement = std::get_if<Statement>(&part.what);
      if (statement == nullptr) continue;
      const bool is_open = program.leaves_mark_open(rule.parts.first + i);
      const auto* change = std::get_if<ConntrackStatement>(statement);
      const bool is_other_change = change != nullptr && change->what != "restore-mark";
      if ((is_open && !gives_back_mark(ruleset, rule, part)) || is_other_change ||
          std::holds_alternative<NotrackStatement>(*statement)) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace

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
    if (world_.walk(program).is_of_some_rules() ||
        !opens_one_mark(world_.walk(program).program()) || may_open_marks_twice(program, path)) {
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
