#include <fmt/format.h>

#include <stdexcept>

#include "analysis/conntrack/state_map.hpp"
#include "analysis/facts.hpp"
#include "rewriter/notrack/plan.hpp"
#include "rewriter/rule_text.hpp"

namespace untrack {
namespace {

void add(EditSet& edits, Edit edit) {
  if (edits.add(std::move(edit))) throw std::logic_error("edits of a rewrite conflict");
}

// In front of the first rule of the chain that INVALID packets would not pass, if that is ahead of
// the place; else behind the place.
Span place_of(const Ruleset& ruleset, const Sources& sources, RuleId place) {
  for (const RuleId id : ruleset[ruleset[place].chain].rules) {
    if (const auto map = state_map(ruleset, ruleset[id])) {
      if ((*map)[CtState::invalid] != nullptr) return RuleText(ruleset, sources, id).ahead();
    }
    if (id == place) break;
    const StateTest* test = state_test(ruleset, ruleset[id]);
    if (test == nullptr || test->states.has(CtState::invalid) == test->negated) continue;
    if (drops(ruleset, ruleset[id]) || lets_pass(ruleset, ruleset[id])) {
      return RuleText(ruleset, sources, id).ahead();
    }
  }
  return RuleText(ruleset, sources, place).behind();
}

// All in one group: what is for raw, and what is for the first rule of filter, may come together.
EditSet drafted(const NotrackPlan& plan, InsertionGroup& group) {
  EditSet edits;
  group = edits.new_group();
  for (const Edit& edit : plan.edits) {
    if (!edit.span.empty()) {
      add(edits, edit);
    } else if (edits.add(edit, group)) {
      throw std::logic_error("edits of a rewrite conflict");
    }
  }
  return edits;
}

}  // namespace

EditSet drafted(const NotrackPlan& plan) {
  InsertionGroup group{};
  return drafted(plan, group);
}

EditSet finished(const Ruleset& ruleset, const Sources& sources, const NotrackPlan& plan,
                 const Replies& replies) {
  InsertionGroup group{};
  EditSet edits = drafted(plan, group);
  for (std::size_t i = 0; i < plan.places.size(); ++i) {
    if (replies.places[i].rules.empty()) continue;
    const Place& place = plan.places[i];
    const RuleText rule(ruleset, sources, place.rule);
    std::vector<std::string> lines = {
        rule.comment("untracked flows and the ICMP errors about them")};
    for (const ReplyRule& row : replies.places[i].rules) {
      lines.push_back(rule.beside(row.conditions, place.target));
    }
    const Span at = place_of(ruleset, sources, place.rule);
    std::string text = rule.in_order(lines);
    const std::string_view before = sources[at.source].text().substr(0, at.begin);
    if (!before.empty() && !before.ends_with('\n')) text.insert(0, "\n");
    if (edits.add({at, std::move(text)}, group)) {
      throw std::logic_error("edits of a rewrite conflict");
    }
  }
  return edits;
}

}  // namespace untrack
