// ChainLeads: where in a chain rules stand that are asked about, or that call a chain which has
// some; the rest need not be walked through. Used by reach() alone.
#pragma once

#include <algorithm>
#include <vector>

#include "analysis/walk/reach.hpp"
#include "model/jumps.hpp"

namespace untrack {

class ChainLeads {
 public:
  struct Counts {
    std::vector<std::size_t> before;  // in front of each rule, and at the end

    [[nodiscard]] std::size_t count(std::size_t first, std::size_t end) const {
      return before[std::min(end, before.size() - 1)] - before[first];
    }
  };

  // Both are to outlive it.
  ChainLeads(const SymbolicWalk& walk, const ReachQuestion& question)
      : walk_(walk), question_(question), known_(walk.program().ruleset().chains.size()) {}

  [[nodiscard]] bool is_asked(RuleId rule) const {
    if (!question_.wanted || (*question_.wanted)[rule.index()]) return true;
    return question_.whole && (*question_.whole)[rule.index()];
  }

  // Recurs as deep as chains call each other, but where what is called was asked about before.
  const Counts& of(ChainId chain) {
    Counts& counts = known_[chain.index()];
    if (!counts.before.empty()) return counts;
    const std::span<const RuleId> rules = walk_.rules_of(chain);
    std::vector<std::size_t> before{0};
    counts.before = before;  // a loop would come back here
    for (const RuleId rule : rules) before.push_back(before.back() + (leads_on(rule) ? 1 : 0));
    known_[chain.index()].before = std::move(before);
    return known_[chain.index()];
  }

 private:
  bool leads_on(RuleId rule) {
    if (is_asked(rule)) return true;
    bool leads = false;
    for_each_called_chain(walk_.program().ruleset(), rule,
                          [&](ChainId called) { leads = leads || of(called).before.back() > 0; });
    return leads;
  }

  const SymbolicWalk& walk_;
  const ReachQuestion& question_;
  std::vector<Counts> known_;  // by ChainId
};

}  // namespace untrack
