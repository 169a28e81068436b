// What chains do, as functions of the packet that enters them: rules, composed by halves, the
// called ones first. Apart from symbolic.cpp, which says in what order a way takes them.
#include <algorithm>
#include <functional>

#include "analysis/walk/symbolic.hpp"
#include "model/jumps.hpp"
#include "model/overloaded.hpp"

namespace untrack {
namespace {

constexpr std::uint32_t number(End end) { return static_cast<std::uint32_t>(end); }

Diagram::Level top(const Diagram& d, Ref set) {
  return Diagram::is_constant(set) ? Diagram::Level{0} : d.level(set);
}

// From the last level up, so that each adds a node on top of those that are there.
void sort_upwards(const Diagram& d, std::vector<Ref>& sets) {
  std::ranges::sort(sets, std::greater<>(), [&](Ref set) { return top(d, set); });
}

Ref all_of(Diagram& d, std::vector<Ref>& sets) {
  sort_upwards(d, sets);
  Ref all = Diagram::yes;
  for (const Ref set : sets) all = d.conj(set, all);
  return all;
}

}  // namespace

Ref SymbolicWalk::leaf(End end, const Effects& effects) {
  return Diagram::constant(outcomes_.of({end, effects}));
}

Ref SymbolicWalk::through(const Effects& effects, Ref f) {
  for (const Assignment& set : effects) {
    f = set.first == set.last
            ? diagram_.fix(f, set.level, set.first)
            : diagram_.fix_any(f, set.level, set.first, set.last, number(End::unknown));
  }
  return f;
}

Ref SymbolicWalk::then(Ref f, End replaced, Ref g) {
  // To ask for the values of every function on the way took an eighth of a comparison.
  if (!outcomes_.have_effects()) return diagram_.fill(f, number(replaced), g);
  Diagram::Grafts to;
  bool is_plain = true;
  for (const std::uint32_t value : diagram_.values_of(f)) {
    const Outcome& outcome = outcomes_[value];
    if (outcome.end != replaced) continue;
    is_plain = is_plain && outcome.effects.empty();
    // By value: what comes behind may add outcomes.
    const Effects effects = outcome.effects;
    to.emplace_back(value, behind(effects, g));
  }
  if (to.empty()) return f;
  // One value without effects is the rule, and quicker.
  return is_plain ? diagram_.fill(f, number(replaced), g) : diagram_.graft(f, to);
}

// g of the packet as the effects leave it, and what g does comes behind what they did.
Ref SymbolicWalk::behind(const Effects& effects, Ref g) {
  if (effects.empty()) return g;
  const Ref changed = through(effects, g);
  Diagram::Relabelling to;
  for (const std::uint32_t inner : diagram_.values_of(changed)) {
    const Outcome end = outcomes_[inner];
    const std::uint32_t whole = outcomes_.of({end.end, after(effects, end.effects)});
    if (whole != inner) to.emplace_back(inner, whole);
  }
  return diagram_.relabel(changed, to);
}

Ref SymbolicWalk::turned(Ref f, std::span<const std::pair<End, End>> turns) {
  Diagram::Relabelling to;
  if (!outcomes_.have_effects()) {
    for (const auto& [from, into] : turns) {
      if (from != into) to.emplace_back(number(from), number(into));
    }
    std::ranges::sort(to);
    return diagram_.relabel(f, to);
  }
  for (const std::uint32_t value : diagram_.values_of(f)) {
    const End end = outcomes_[value].end;
    const auto turn = std::ranges::find(turns, end, &std::pair<End, End>::first);
    if (turn == turns.end() || turn->second == end) continue;
    to.emplace_back(value, outcomes_.of({turn->second, Effects(outcomes_[value].effects)}));
  }
  return diagram_.relabel(f, to);
}

Ref SymbolicWalk::statement_function(std::uint32_t part, const View& view, Ref rest) {
  const Statement& statement = std::get<Statement>(program_.ruleset().parts[part].what);
  const auto variable = [&](FreeId id) {
    return diagram_.interval(layout_.level_of_free(id), 1, 1);
  };
  const PartKind kind = program_.kind(part);
  if (kind == PartKind::free_end) {
    const Effects effects = effects_of(part, view);
    const Ref ends = diagram_.ite(variable(program_.accept_variable(part)),
                                  leaf(End::accept, effects), leaf(End::drop));
    return diagram_.ite(variable(program_.variable(part)), ends,
                        then(leaf(End::next, effects), End::next, rest));
  }
  if (kind == PartKind::free_accept) {
    return diagram_.ite(variable(program_.variable(part)),
                        leaf(End::accept, effects_of(part, view)), leaf(End::drop));
  }
  return act(statement, part, view, rest);
}

// One that is no free end and no free accept.
Ref SymbolicWalk::act(const Statement& statement, std::uint32_t part, const View& view, Ref rest) {
  const auto go_on = [&] {
    const Effects effects = effects_of(part, view);
    return effects.empty() ? rest : then(leaf(End::next, effects), End::next, rest);
  };
  return std::visit(
      Overloaded{
          [&](const VerdictStatement& verdict) -> Ref {
            switch (verdict.verdict) {
              case Verdict::accept:
                return leaf(End::accept);
              case Verdict::drop:
              case Verdict::stolen:
                return leaf(End::drop);
              case Verdict::queue:
                return leaf(End::unknown);
              case Verdict::continue_:
                return rest;
              case Verdict::return_:
                return leaf(End::back);
            }
            return leaf(End::unknown);
          },
          [&](const JumpStatement& jump) -> Ref {
            const Ref inner = summary(jump.chain, view);
            if (jump.is_goto) {
              constexpr std::pair<End, End> turns[] = {{End::next, End::back}};
              return turned(inner, turns);
            }
            constexpr std::pair<End, End> turns[] = {{End::back, End::next}};
            return then(turned(inner, turns), End::next, rest);
          },
          [&](const RejectStatement&) -> Ref { return leaf(End::reject); },
          [&](const NatStatement&) -> Ref { return leaf(End::accept, effects_of(part, view)); },
          [&](const NotrackStatement&) -> Ref {
            const FreeId late = program_.template_variable();
            if (late == no_free_variable) return go_on();
            return diagram_.ite(diagram_.interval(layout_.level_of_free(late), 1, 1), rest,
                                go_on());
          },
          [&](const MarkStatement&) -> Ref { return go_on(); },
          [&](const ConntrackStatement&) -> Ref {
            const bool is_late = !view.is_before_conntrack || view.is_seen;
            if (is_late || program_.template_variable() == no_free_variable ||
                !program_.takes_notrack_back(part)) {
              return go_on();
            }
            // What conntrack would have said of it is forgotten.
            const auto untracked = Layout::atom_of(CtState::untracked);
            const Layout::Level state = layout_.level_of(Field::ct_state);
            Effects effects = effects_of(part, view);
            effects.push_back({state, 0, untracked - 1});
            std::ranges::sort(effects, {}, &Assignment::level);
            return diagram_.ite(diagram_.interval(state, untracked, untracked),
                                then(leaf(End::next, effects), End::next, rest), go_on());
          },
          [&](const PassiveStatement&) -> Ref { return rest; },
          [&](const VerdictMapStatement& map) -> Ref {
            return look_up(program_.ruleset()[map], part, view, rest);
          },
          [&](const OpaqueStatement&) -> Ref { return go_on(); },
      },
      statement);
}

// Those in front of the first that no packet of the family meets: what stands behind it, such as a
// map of a million addresses of the other family, need not be looked at.
std::uint32_t SymbolicWalk::parts_that_may_meet(const Rule& rule) const {
  for (std::uint32_t i = 0; i < rule.parts.count; ++i) {
    const auto* match = std::get_if<Match>(&program_.ruleset().parts[rule.parts.first + i].what);
    const auto* test = match == nullptr ? nullptr : std::get_if<FamilyTest>(match);
    if (test != nullptr && !test->ip_versions.has(layout_.version())) return i;
  }
  return rule.parts.count;
}

Ref SymbolicWalk::rule_function(RuleId id, const View& view) {
  const Rule& rule = program_.ruleset()[id];
  const Ref next = leaf(End::next);
  Ref function = next;
  std::vector<Ref> asked;  // by the matches next to each other
  const auto ask = [&] {
    if (Diagram::is_constant(function)) {
      sort_upwards(diagram_, asked);
      for (auto at = asked.begin(); at != asked.end();) {
        // Those of one level together are mostly known: a protocol, and what has ports.
        Ref set = *at++;
        while (at != asked.end() && top(diagram_, *at) == top(diagram_, set)) {
          set = diagram_.conj(set, *at++);
        }
        function = diagram_.ite(set, function, next);
      }
    } else {
      // A called chain is copied once.
      function = diagram_.ite(all_of(diagram_, asked), function, next);
    }
    asked.clear();
  };
  for (std::uint32_t i = parts_that_may_meet(rule); i-- > 0;) {
    const std::uint32_t part = rule.parts.first + i;
    if (program_.may_turn_out_otherwise(part)) {
      ask();
      const Ref asked_once = leaf(End::next, effects_of(part, view));
      function = diagram_.ite(encoder_.encode(part, view), then(asked_once, End::next, function),
                              asked_once);
    } else if (std::holds_alternative<Match>(program_.ruleset().parts[part].what)) {
      encoder_.encode_apart(part, view, asked);
    } else {
      ask();
      function = statement_function(part, view, function);
    }
  }
  ask();
  return function;
}

// Balanced, since composing is associative: neighbours are simpler than beginnings.
void SymbolicWalk::compose(ChainTree& tree) {
  // Of many rules most may be left out, or match nothing.
  const Ref next = leaf(End::next);
  while (!tree.functions.empty() && tree.functions.back().size() > 1) {
    const std::vector<Ref>& below = tree.functions.back();
    std::vector<Ref> level;
    level.reserve(below.size() / 2 + 1);
    for (std::size_t i = 0; i < below.size(); i += 2) {
      if (i + 1 == below.size() || below[i + 1] == next) {
        level.push_back(below[i]);
      } else {
        level.push_back(below[i] == next ? below[i + 1] : then(below[i], End::next, below[i + 1]));
      }
    }
    tree.functions.push_back(std::move(level));
  }
}

ChainTree SymbolicWalk::made_tree(ChainId chain, const View& view) {
  ChainTree made;
  const std::span<const RuleId> rules = rules_of(chain);
  if (!rules.empty()) made.functions.emplace_back();
  for (const RuleId rule : rules) made.functions[0].push_back(rule_function(rule, view));
  compose(made);
  return made;
}

const ChainTree& SymbolicWalk::tree(ChainId chain, const View& view) {
  if (const auto at = trees_.find({chain, view}); at != trees_.end()) return at->second;
  if (const auto at = begun_.find({chain, view}); at != begun_.end()) return at->second;
  // What is called first, so that nothing recurs as deep as chains call each other.
  for (const ChainId next : called_first(chain)) {
    const Key key{next, view};
    if (trees_.contains(key) || begun_.contains(key)) continue;
    // A loop, which the kernel refuses, would come back here: it is not known what it does.
    begun_[key].functions = {{leaf(End::unknown)}};
    try {
      trees_.emplace(key, made_tree(next, view));
    } catch (...) {
      // Who asks again must not take it for known.
      begun_.clear();
      throw;
    }
    begun_.erase(key);
  }
  return trees_.at({chain, view});
}

std::vector<ChainId> SymbolicWalk::called_first(ChainId chain) const {
  return untrack::called_first(program_.ruleset(), {chain},
                               [this](ChainId each) { return rules_of(each); });
}

const JumpStatement* SymbolicWalk::jump_of(std::uint32_t part) const {
  const auto* statement = std::get_if<Statement>(&program_.ruleset().parts[part].what);
  const auto* jump = statement == nullptr ? nullptr : std::get_if<JumpStatement>(statement);
  return jump != nullptr && jump->chain.names_something() ? jump : nullptr;
}

Ref SymbolicWalk::summary(ChainId chain, const View& view) {
  const ChainTree& known = tree(chain, view);
  return known.functions.empty() ? leaf(End::next) : known.functions.back().front();
}

// The packets that pass the matches before the first statement.
Ref SymbolicWalk::asked_first(RuleId id, const View& view) {
  const Rule& rule = program_.ruleset()[id];
  std::uint32_t end = 0;
  while (end < rule.parts.count &&
         std::holds_alternative<Match>(program_.ruleset().parts[rule.parts.first + end].what)) {
    ++end;
  }
  std::vector<Ref> asked;
  while (end-- > 0) encoder_.encode_apart(rule.parts.first + end, view, asked);
  return all_of(diagram_, asked);
}

const ChainTree& SymbolicWalk::touched_tree(ChainId chain, const View& view) {
  // Of many rules together it is nearly everything, and dear to say.
  constexpr std::size_t most_levels = 9;
  (void)tree(chain, view);
  ChainTree& known = trees_.at({chain, view});
  if (!known.touched.empty() || known.functions.empty()) return known;
  std::vector<std::vector<Ref>> touched(1);
  for (const RuleId rule : rules_of(chain)) touched[0].push_back(asked_first(rule, view));
  for (std::size_t k = 1; k < known.functions.size(); ++k) {
    const std::vector<Ref>& below = touched.back();
    std::vector<Ref> level;
    for (std::size_t i = 0; i < below.size(); i += 2) {
      level.push_back(k >= most_levels       ? Diagram::yes
                      : i + 1 < below.size() ? diagram_.disj(below[i], below[i + 1])
                                             : below[i]);
    }
    touched.push_back(std::move(level));
  }
  known.touched = std::move(touched);
  return known;
}

}  // namespace untrack
