#include "analysis/conntrack/states_by_verdict.hpp"

namespace untrack {

std::optional<StatesByVerdict> states_by_verdict(const Ruleset& ruleset, const Rule& rule) {
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* statement = std::get_if<Statement>(&part.what);
    const auto* map = statement == nullptr ? nullptr : std::get_if<VerdictMapStatement>(statement);
    if (map == nullptr || map->key.field_count != 1 || map->key.fields[0] != Field::ct_state ||
        !map->key.set.names_something()) {
      continue;
    }
    const NamedSet& set = ruleset[map->key.set];
    if (!set.contents_known || set.is_dynamic || set.otherwise ||
        set.element_count() != set.verdicts.size()) {
      return std::nullopt;
    }
    StatesByVerdict found{&part, {}, {}, {}};
    for (std::size_t i = 0; i < set.verdicts.size(); ++i) {
      const auto state = static_cast<CtState>(static_cast<unsigned>(set.keys[i].first));
      const auto* verdict = std::get_if<VerdictStatement>(&set.verdicts[i]);
      CtStates& states = verdict == nullptr                    ? found.others
                         : verdict->verdict == Verdict::accept ? found.accepted
                         : verdict->verdict == Verdict::drop   ? found.dropped
                                                               : found.others;
      states = states | state;
    }
    return found;
  }
  return std::nullopt;
}

}  // namespace untrack
