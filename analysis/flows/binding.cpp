#include "analysis/flows/binding.hpp"

#include <algorithm>

namespace untrack {
namespace {

bool needs_entry(const Ruleset& ruleset, const Construct& construct) {
  if (construct.extension == nullptr || !is_bound_role(construct.extension->role)) return false;
  // CT with --notrack is no binding, CT is what else it does.
  return std::ranges::none_of(slice(ruleset.options, construct.options),
                              [](const OptionUse& option) {
                                return option.row != nullptr && option.row->name == "notrack";
                              });
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
  return bound;
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
