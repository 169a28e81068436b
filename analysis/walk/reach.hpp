// Reach: which packets come to each rule, and which of them match. The forward half of the symbolic
// walk: sets of packets as they are where the rule stands (marks and addresses as earlier rules
// left them), while SymbolicWalk::decide speaks of packets as they enter. Each chain is walked once
// a base chain, with all that its callers send.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "analysis/walk/symbolic.hpp"

namespace untrack {

struct RuleReach {
  std::size_t run = 0;  // index into program.runs(path)
  ChainId chain;
  RuleId rule;
  Ref matches;  // it comes to the rule, and all tests before its last statement hold; if wanted
  std::optional<Ref> reaches;  // what comes to it, if that was asked for
};

// A chain that something comes to, within one base chain.
struct ChainReach {
  std::size_t run = 0;
  ChainId chain;
  Ref entering;
  std::size_t first_rule = 0;  // the rules of it that the walk is about, in PathReach::rules
  std::size_t rule_count = 0;
};

// What leaves a base chain by its policy.
struct PolicyReach {
  std::size_t run = 0;
  ChainId chain;
  Ref reaches;
};

struct PathReach {
  std::vector<RuleReach> rules;
  std::vector<ChainReach> chains;  // in the order of runs, callers before what they call
  std::vector<PolicyReach> policies;

  [[nodiscard]] std::span<const RuleReach> rules_of(const ChainReach& chain) const {
    return std::span(rules).subspan(chain.first_rule, chain.rule_count);
  }
};

// Rules by RuleId.
using RuleSet = std::vector<bool>;

template <class Wanted>
[[nodiscard]] RuleSet rules_where(const Ruleset& ruleset, Wanted&& wanted) {
  RuleSet set(ruleset.rules.size());
  for (std::size_t i = 0; i < set.size(); ++i) set[i] = wanted(ruleset.rules[i]);
  return set;
}

struct ReachQuestion {
  std::optional<RuleSet> wanted = {};  // rules whose `matches` is wanted; none: all
  std::optional<RuleSet> whole = {};   // rules whose `reaches` is wanted; none: no
  // Every change of packets is followed, however many there are. Else, behind many different ones
  // more packets may seem to come to a rule than do: enough for "may", and no ground for a proof.
  bool is_exact = false;
};

// Of the packets of `start` (see SymbolicWalk::possible) that take the way. Throws BudgetExhausted.
//
// A chain is taken in halves, each with only those packets that one of its rules may match, so that
// the sets get smaller as the halves do: going from rule to rule would carry all that no rule has
// taken yet past each of them, which is quadratic for lists of rules that have little in common.
[[nodiscard]] PathReach reach(SymbolicWalk& walk, Path path, Ref start,
                              const ReachQuestion& question = {});

}  // namespace untrack
