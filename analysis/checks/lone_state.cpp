#include "analysis/checks/lone_state.hpp"

#include "analysis/conntrack/state_map.hpp"

namespace untrack::checks {

CtStates states_that_force(const Facts& facts, IpVersion version) {
  const FamilyTracking& tracking = facts.tracking[version];
  if (!tracking.forced_by_tables.empty()) return {};
  CtStates states;
  bool is_any_reached = false;
  for (const ConstructId id : tracking.forced_by) {
    const Construct& construct = facts.ruleset[id];
    // Another option beside the state asks the entry for something else.
    if (construct.language == Language::iptables && construct.options.count != 1) return {};
    const StateTest* test = nullptr;
    for (const RulePart& part : slice(facts.ruleset.parts, facts.ruleset[construct.rule].parts)) {
      if (part.construct == id && match_as<StateTest>(part) != nullptr) {
        test = match_as<StateTest>(part);
      }
    }
    const auto map = state_map(facts.ruleset, facts.ruleset[construct.rule]);
    if (map && map->construct == id) {
      states = states | map->named();
    } else if (test != nullptr && !test->negated) {
      states = states | test->states;
    } else {
      return {};
    }
    is_any_reached = is_any_reached || facts.is_reached[construct.rule.index()];
  }
  return is_any_reached ? states : CtStates{};
}

Finding lone_state_finding(const CheckInfo& check, const Facts& facts, IpVersion version) {
  const std::vector<ConstructId>& forced_by = facts.tracking[version].forced_by;
  Finding finding;
  finding.check = &check;
  finding.severity = check.severity;
  finding.span = facts.ruleset[forced_by.front()].span;
  for (std::size_t i = 1; i < forced_by.size() && i < 4; ++i) {
    finding.related.push_back({facts.ruleset[forced_by[i]].span, "and here"});
  }
  finding.ip_versions = version;
  return finding;
}

}  // namespace untrack::checks
