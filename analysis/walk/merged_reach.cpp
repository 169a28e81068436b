#include "analysis/walk/merged_reach.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace untrack {

PathReach merged(Diagram& d, const PathReach& found) {
  PathReach merged;
  std::map<std::pair<std::size_t, ChainId>, std::size_t> chains;
  for (ChainReach chain : found.chains) {
    const auto rules = found.rules_of(chain);
    const auto [at, is_new] = chains.try_emplace({chain.run, chain.chain}, merged.chains.size());
    if (is_new) {
      chain.first_rule = merged.rules.size();
      merged.chains.push_back(chain);
      merged.rules.insert(merged.rules.end(), rules.begin(), rules.end());
      continue;
    }
    ChainReach& known = merged.chains[at->second];
    known.entering = d.disj(known.entering, chain.entering);
    for (std::size_t i = 0; i < rules.size(); ++i) {
      RuleReach& row = merged.rules[known.first_rule + i];
      row.matches = d.disj(row.matches, rules[i].matches);
      if (row.reaches) row.reaches = d.disj(*row.reaches, *rules[i].reaches);
    }
  }
  for (const PolicyReach& row : found.policies) {
    const auto at = std::ranges::find(merged.policies, row.run, &PolicyReach::run);
    if (at == merged.policies.end()) {
      merged.policies.push_back(row);
    } else {
      at->reaches = d.disj(at->reaches, row.reaches);
    }
  }
  return merged;
}

}  // namespace untrack
