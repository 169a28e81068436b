// Every part of every rule of the tables in use, in their order, whether a packet comes there or
// not. Used by side_work.hpp.
#pragma once

#include <cstdint>

#include "model/ruleset.hpp"

namespace untrack {

// each(const Table&, RuleId, std::uint32_t part)
template <class Each>
void for_each_part(const Ruleset& ruleset, Each&& each) {
  for (const Table& table : ruleset.tables) {
    if (table.is_dormant) continue;
    for (const ChainId chain : table.chains) {
      for (const RuleId rule : ruleset[chain].rules) {
        const auto parts = ruleset[rule].parts;
        for (std::uint32_t i = parts.first; i < parts.first + parts.count; ++i) {
          each(table, rule, i);
        }
      }
    }
  }
}

}  // namespace untrack
