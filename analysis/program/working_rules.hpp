// Every part of every rule of the tables in use that may do something beside deciding packets,
// whether a packet comes there or not. Used by side_work.hpp.
#pragma once

#include <cstdint>

#include "analysis/program/program.hpp"

namespace untrack {

// each(const Table&, RuleId, std::uint32_t part)
template <class Each>
void for_each_working_part(const Program& program, Each&& each) {
  const Ruleset& ruleset = program.ruleset();
  const auto visit = [&](RuleId rule) {
    const ChainId chain = ruleset[rule].chain;
    if (!chain.names_something()) return;
    const Table& table = ruleset[ruleset[chain].table];
    if (table.is_dormant) return;
    const auto parts = ruleset[rule].parts;
    for (std::uint32_t i = parts.first; i < parts.first + parts.count; ++i) each(table, rule, i);
  };
  if (const std::vector<RuleId>* some = program.rules_with_work()) {
    for (const RuleId rule : *some) visit(rule);
    return;
  }
  for (std::size_t i = 0; i < ruleset.rules.size(); ++i) visit(RuleId(i));
}

}  // namespace untrack
