#include "model/jumps.hpp"

namespace untrack {

std::vector<ChainId> with_called_chains(const Ruleset& ruleset, const std::vector<ChainId>& first) {
  std::vector<ChainId> found;
  std::vector<bool> is_met(ruleset.chains.size());
  const auto meet = [&](ChainId chain) {
    if (is_met[chain.index()]) return;
    is_met[chain.index()] = true;
    found.push_back(chain);
  };
  for (const ChainId chain : first) meet(chain);
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (const RuleId rule : ruleset[found[i]].rules) for_each_called_chain(ruleset, rule, meet);
  }
  return found;
}

}  // namespace untrack
