#include "analysis/flows/binding.hpp"

#include <algorithm>

#include "analysis/program/entry_tests.hpp"
#include "analysis/program/translated_status.hpp"

namespace untrack {
namespace {

bool needs_entry(const Ruleset& ruleset, const Construct& construct) {
  if (construct.extension == nullptr) return false;
  if (asks_of_entry(ruleset, construct)) return true;
  if (!is_bound_role(construct.extension->role)) return false;
  // CT with --notrack is no binding, CT is what else it does.
  return std::ranges::none_of(slice(ruleset.options, construct.options),
                              [](const OptionUse& option) {
                                return option.row != nullptr && option.row->name == "notrack";
                              });
}

// The state that is asked beside it is computed. Where it may be UNTRACKED nothing else is asked of
// what has no entry (conntrack_mt, xt_conntrack.c, 6.1), so that more packets meet the match.
bool is_state_alone(const Match& match) {
  const auto* state = std::get_if<StateTest>(&match);
  return state != nullptr && state->states.has(CtState::untracked) == state->negated;
}

}  // namespace

bool is_bound_role(catalog::Role role) {
  using enum catalog::Role;
  switch (role) {
    case entry_match:
    case connmark:
    case connection_count:
    case helper:
    case nat:
    case tracking_control:
    case synproxy:
      return true;
    case packet_field:
    case history:
    case host_fact:
    case state_match:
    case notrack:
    case verdict:
    case mangle:
    case observe:
    case annotation:
      return false;
  }
  return true;
}

ConstructId binding_construct(const Ruleset& ruleset, const Rule& rule) {
  ConstructId bound;
  for (std::uint32_t i = 0; i < rule.constructs.count; ++i) {
    const ConstructId id(rule.constructs.first + i);
    if (needs_entry(ruleset, ruleset[id])) bound = id;
  }
  // What asks whether a flow is translated asks for a state; what translates it binds it.
  if (!bound.names_something()) return bound;
  const bool asks_of_translation =
      std::ranges::any_of(slice(ruleset.parts, rule.parts), [&](const RulePart& part) {
        return part.construct == bound && !translation_asked(ruleset, part).empty();
      });
  return asks_of_translation ? ConstructId() : bound;
}

bool looks_at_entry(const Ruleset& ruleset, const RulePart& part) {
  if (!part.construct.names_something()) return false;
  const Construct& construct = ruleset[part.construct];
  if (construct.extension == nullptr) return false;
  if (is_bound_role(construct.extension->role)) return true;
  const auto* match = std::get_if<Match>(&part.what);
  return match != nullptr && asks_of_entry(ruleset, construct) && !is_state_alone(*match);
}

RuleSet binding_rules(const Ruleset& ruleset) {
  return rules_where(ruleset, [&](const Rule& rule) {
    return binding_construct(ruleset, rule).names_something();
  });
}

std::vector<ConstructId> binding_targets(const Ruleset& ruleset, const Rule& rule) {
  std::vector<ConstructId> all;
  for (std::uint32_t i = 0; i < rule.constructs.count; ++i) {
    const ConstructId id(rule.constructs.first + i);
    const bool is_target = ruleset[id].kind == catalog::ExtensionKind::target;
    if (is_target && needs_entry(ruleset, ruleset[id])) all.push_back(id);
  }
  return all;
}

}  // namespace untrack
