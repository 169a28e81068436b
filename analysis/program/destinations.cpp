#include "analysis/program/destinations.hpp"

#include <algorithm>
#include <variant>

namespace untrack {

bool sets_destination(const NatStatement& nat) {
  return nat.kind == NatKind::dnat || nat.kind == NatKind::redirect || nat.kind == NatKind::netmap;
}

bool saves_mark(const Statement& statement) {
  const auto* change = std::get_if<ConntrackStatement>(&statement);
  if (change == nullptr) return false;
  return change->what == "save-mark" ||
         (change->what == "ct mark" &&
          change->value.view().find("meta mark") != std::string_view::npos);
}

bool translates_destinations(const Ruleset& ruleset, IpVersion version) {
  const auto is_such = [](const RulePart& part) {
    const auto* statement = std::get_if<Statement>(&part.what);
    const auto* nat = statement == nullptr ? nullptr : std::get_if<NatStatement>(statement);
    return nat != nullptr && sets_destination(*nat);
  };
  return std::ranges::any_of(ruleset.tables, [&](const Table& table) {
    return !table.is_dormant && ip_versions(table.family).has(version) &&
           std::ranges::any_of(table.chains, [&](ChainId chain) {
             return std::ranges::any_of(ruleset[chain].rules, [&](RuleId rule) {
               return std::ranges::any_of(slice(ruleset.parts, ruleset[rule].parts), is_such);
             });
           });
  });
}

}  // namespace untrack
