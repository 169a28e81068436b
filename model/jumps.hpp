// The chains that a statement may send a packet to: that of a jump or goto, and those of the
// elements of a verdict map. For whoever follows chains without asking which packets go there.
#pragma once

#include <vector>

#include "model/ruleset.hpp"

namespace untrack {

// Calls `each(const JumpStatement&)` for each of them, whether it is linked or not.
template <class Each>
void for_each_jump(const Ruleset& ruleset, const Statement& statement, Each each) {
  if (const auto* jump = std::get_if<JumpStatement>(&statement)) return each(*jump);
  const auto* map = std::get_if<VerdictMapStatement>(&statement);
  if (map == nullptr || !ruleset[*map].key.set.names_something()) return;
  const NamedSet& set = ruleset[ruleset[*map].key.set];
  for (const Statement& verdict : set.verdicts) {
    if (const auto* jump = std::get_if<JumpStatement>(&verdict)) each(*jump);
  }
  if (!set.otherwise) return;
  if (const auto* jump = std::get_if<JumpStatement>(&*set.otherwise)) each(*jump);
}

// Calls `each(ChainId)` for each of them that is linked, in the order of the text; a chain that is
// called twice comes twice.
template <class Each>
void for_each_called_chain(const Ruleset& ruleset, const RulePart& part, Each each) {
  const auto* statement = std::get_if<Statement>(&part.what);
  if (statement == nullptr) return;
  for_each_jump(ruleset, *statement, [&](const JumpStatement& jump) {
    if (jump.chain.names_something()) each(jump.chain);
  });
}

// The same for all parts of a rule.
template <class Each>
void for_each_called_chain(const Ruleset& ruleset, RuleId rule, Each each) {
  for (const RulePart& part : slice(ruleset.parts, ruleset[rule].parts)) {
    for_each_called_chain(ruleset, part, each);
  }
}

// These chains, and behind them all that they call, and what those call: each once.
// O(rules of what is found).
[[nodiscard]] std::vector<ChainId> with_called_chains(const Ruleset& ruleset,
                                                      const std::vector<ChainId>& first);

// These chains and all that is called from them, each behind what it calls (but for loops): whoever
// makes something of them in this order need not recur as deep as chains call each other.
// `rules_of(ChainId)`: the rules that are looked at.
template <class RulesOf>
[[nodiscard]] std::vector<ChainId> called_first(const Ruleset& ruleset,
                                                const std::vector<ChainId>& first,
                                                RulesOf rules_of) {
  std::vector<ChainId> ordered;
  std::vector<bool> is_begun(ruleset.chains.size());
  std::vector<std::pair<ChainId, bool>> open;
  open.reserve(first.size());
  for (const ChainId chain : first) open.emplace_back(chain, false);
  while (!open.empty()) {
    const auto [next, is_done] = open.back();
    open.pop_back();
    if (is_done) {
      ordered.push_back(next);
      continue;
    }
    if (is_begun[next.index()]) continue;
    is_begun[next.index()] = true;
    open.emplace_back(next, true);
    for (const RuleId rule : rules_of(next)) {
      for_each_called_chain(ruleset, rule,
                            [&](ChainId called) { open.emplace_back(called, false); });
    }
  }
  return ordered;
}

}  // namespace untrack
