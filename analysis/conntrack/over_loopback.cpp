#include "analysis/conntrack/over_loopback.hpp"

#include <algorithm>
#include <string_view>

#include "analysis/facts.hpp"

namespace untrack {

IncomingInterfaces incoming_interfaces(const Ruleset& ruleset, const Rule& rule) {
  IncomingInterfaces all;
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* test = match_as<NameTest>(part);
    if (test == nullptr || test->field != Field::in_interface) continue;
    const auto names = slice(ruleset.names, test->names);
    const bool holds_lo = std::ranges::any_of(names, [](const NamePattern& name) {
      return name.is_prefix ? std::string_view("lo").starts_with(name.text) : name.text == "lo";
    });
    const bool is_lo_alone = holds_lo && std::ranges::all_of(names, [](const NamePattern& name) {
                               return !name.is_prefix && name.text == "lo";
                             });
    if (holds_lo == test->negated) all.may_be_lo = false;
    if (is_lo_alone && !test->negated) all.may_be_others = false;
  }
  return all;
}

}  // namespace untrack
