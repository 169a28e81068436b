#include "analysis/program/hop_count.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "model/jumps.hpp"

namespace untrack {
namespace {

bool has_hops(const SetTest& key) {
  const auto fields = std::span(key.fields).first(key.field_count);
  return std::ranges::find(fields, Field::ttl) != fields.end();
}

bool asks_hops(const Ruleset& ruleset, const RulePart& part) {
  if (const auto* statement = std::get_if<Statement>(&part.what)) {
    const auto* map = std::get_if<VerdictMapStatement>(statement);
    return map != nullptr && has_hops(ruleset[*map].key);
  }
  const auto& match = std::get<Match>(part.what);
  if (const auto* field = std::get_if<FieldTest>(&match)) return field->field == Field::ttl;
  const auto* set = std::get_if<SetTest>(&match);
  return set != nullptr && has_hops(*set);
}

// In the base chains of such hooks, or in what they call.
template <class Wanted>
bool asks_hops_behind(const Ruleset& ruleset, IpVersion version, Wanted wanted) {
  std::vector<ChainId> bases;
  for (const Table& table : ruleset.tables) {
    if (table.is_dormant || !ip_versions(table.family).has(version)) continue;
    for (const ChainId chain : table.chains) {
      const auto& base = ruleset[chain].base;
      if (base && wanted(base->hook)) bases.push_back(chain);
    }
  }
  return std::ranges::any_of(with_called_chains(ruleset, bases), [&](ChainId chain) {
    return std::ranges::any_of(ruleset[chain].rules, [&](RuleId rule) {
      return std::ranges::any_of(slice(ruleset.parts, ruleset[rule].parts),
                                 [&](const RulePart& part) { return asks_hops(ruleset, part); });
    });
  });
}

}  // namespace

bool asks_hops_on_both_sides(const Ruleset& ruleset, IpVersion version) {
  // Hardly any ruleset asks at all.
  const bool is_asked = std::ranges::any_of(
      ruleset.parts, [&](const RulePart& part) { return asks_hops(ruleset, part); });
  return is_asked &&
         asks_hops_behind(ruleset, version, [](Hook hook) { return hook == Hook::prerouting; }) &&
         asks_hops_behind(ruleset, version, [](Hook hook) {
           return hook == Hook::forward || hook == Hook::postrouting;
         });
}

}  // namespace untrack
