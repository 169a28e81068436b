// Watched packets: those that meet, in a piece of a chain, something that is more to them than the
// decision of a plain rule: a LOG, a mark, a counter or a rate that their coming changes, a called
// chain that decides about them, a rule for all that is left. Whoever lets more packets into the
// piece than before (redundancy.hpp) may speak only for those that are not watched.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "analysis/walk/symbolic.hpp"

namespace untrack {

class WatchedPackets {
 public:
  explicit WatchedPackets(SymbolicWalk& walk);

  // For each entry of SymbolicWalk::tree(chain, view), by level: the packets that come to the entry
  // and are watched in it. The reference holds as long as this. Throws BudgetExhausted.
  [[nodiscard]] const std::vector<std::vector<Ref>>& tree(ChainId chain, const View& view);

 private:
  [[nodiscard]] std::vector<std::vector<Ref>> made_tree(ChainId chain, const View& view);
  [[nodiscard]] Ref in_rule(const Rule& rule, const View& view);
  [[nodiscard]] Ref in_called(ChainId chain, const View& view);

  SymbolicWalk& walk_;
  Diagram& d_;
  const Ruleset& ruleset_;
  std::map<std::pair<ChainId, View>, std::vector<std::vector<Ref>>> trees_;
};

}  // namespace untrack
