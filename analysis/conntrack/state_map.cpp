#include "analysis/conntrack/state_map.hpp"

#include "analysis/facts.hpp"

namespace untrack {

bool lets_pass(const Statement& verdict) {
  if (std::holds_alternative<JumpStatement>(verdict)) return true;
  const auto* word = std::get_if<VerdictStatement>(&verdict);
  return word != nullptr && word->verdict == Verdict::accept;
}

bool lets_pass(const Ruleset& ruleset, const Rule& rule) {
  return accepts(ruleset, rule) || find_statement<JumpStatement>(ruleset, rule) != nullptr;
}

const StateTest* state_test(const Ruleset& ruleset, const Rule& rule) {
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    if (const auto* test = match_as<StateTest>(part)) return test;
  }
  return nullptr;
}

CtStates StateMap::named() const {
  CtStates all;
  for (const CtState state : states) {
    if ((*this)[state] != nullptr) all = all | state;
  }
  return all;
}

CtStates StateMap::with(Verdict wanted) const {
  CtStates all;
  for (const CtState state : states) {
    const Statement* statement = (*this)[state];
    const auto* verdict = statement == nullptr ? nullptr : std::get_if<VerdictStatement>(statement);
    if (verdict != nullptr && verdict->verdict == wanted) all = all | state;
  }
  return all;
}

const Statement* StateMap::passes_later() const {
  for (const CtState state : {CtState::established, CtState::related, CtState::untracked}) {
    const Statement* verdict = (*this)[state];
    if (verdict != nullptr && lets_pass(*verdict)) return verdict;
  }
  return nullptr;
}

std::optional<StateMap> state_map(const Ruleset& ruleset, const Rule& rule) {
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* statement = std::get_if<Statement>(&part.what);
    const auto* map = statement == nullptr ? nullptr : std::get_if<VerdictMapStatement>(statement);
    if (map == nullptr) continue;
    const SetTest& asked = ruleset[*map].key;
    if (asked.field_count != 1 || asked.fields[0] != Field::ct_state ||
        !asked.set.names_something()) {
      continue;
    }
    const NamedSet& set = ruleset[asked.set];
    if (!set.contents_known || set.is_dynamic || set.verdicts.size() != set.element_count()) {
      return std::nullopt;
    }
    StateMap found;
    found.span = part.span_in(rule);
    found.construct = part.construct;
    found.set = asked.set;
    for (const CtState state : StateMap::states) {
      const Statement*& verdict = found.verdicts_[static_cast<std::size_t>(state)];
      for (std::size_t i = 0; i < set.verdicts.size() && verdict == nullptr; ++i) {
        const Interval& key = set.keys[i];
        const auto number = static_cast<Number>(state);
        if (number >= key.first && number <= key.last) verdict = &set.verdicts[i];
      }
      if (verdict == nullptr && set.otherwise) verdict = &*set.otherwise;
    }
    return found;
  }
  return std::nullopt;
}

bool accepts_untracked_alone(const Ruleset& ruleset, const Rule& rule) {
  const auto map = state_map(ruleset, rule);
  if (map ? !map->accepted().has(CtState::untracked) : !accepts(ruleset, rule)) return false;
  bool asks_for_state = map.has_value();
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    if (!std::holds_alternative<Match>(part.what)) continue;
    const auto* test = match_as<StateTest>(part);
    if (asks_for_state || test == nullptr) return false;
    if (test->negated || !test->states.has(CtState::untracked)) return false;
    asks_for_state = true;
  }
  return asks_for_state;
}

}  // namespace untrack
