// Reach: which packets come to each rule, and which of them match. The forward half of the symbolic
// walk: sets of packets as they are where the rule stands (marks and addresses as earlier rules
// left them), while SymbolicWalk::decide speaks of packets as they enter. Each chain is walked once
// a base chain, with all that its callers send.
#pragma once

#include <vector>

#include "analysis/walk/symbolic.hpp"

namespace untrack {

struct RuleReach {
  std::size_t run = 0;  // index into program.runs(path)
  ChainId chain;
  RuleId rule;
  Ref reaches;
  Ref matches;  // all tests before its last statement hold
};

// What leaves a base chain by its policy.
struct PolicyReach {
  std::size_t run = 0;
  ChainId chain;
  Ref reaches;
};

struct PathReach {
  std::vector<RuleReach> rules;  // in the order of runs, then chains, then rules
  std::vector<PolicyReach> policies;
};

// Of the packets of `start` (see SymbolicWalk::possible) that take the way. Throws BudgetExhausted.
[[nodiscard]] PathReach reach(SymbolicWalk& walk, Path path, Ref start);

}  // namespace untrack
