// Whether two rules of two rulesets say the same: part by part, sets and chains by what they hold
// and stand for. Used to find what has changed (changed_rules.hpp), which is about large rulesets:
// nothing but the rules themselves is looked at.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "analysis/program/ipset_names.hpp"
#include "model/ruleset.hpp"

namespace untrack {

class SameRules {
 public:
  // `partners`: the chain of the new ruleset that stands for one of the old, by ChainId. All are to
  // outlive it.
  SameRules(const Ruleset& before, const Ruleset& after, const std::vector<ChainId>& partners)
      : old_(before), new_(after), old_ipsets_(before), new_ipsets_(after), partners_(partners) {}

  [[nodiscard]] bool are_same(RuleId before, RuleId after);
  // Equal for most rules that are the same.
  [[nodiscard]] static std::uint64_t hash_of(const Ruleset& ruleset, RuleId rule);

 private:
  class Comparison;

  const Ruleset& old_;
  const Ruleset& new_;
  IpsetNames old_ipsets_;
  IpsetNames new_ipsets_;
  const std::vector<ChainId>& partners_;
  std::map<std::pair<SetId, SetId>, bool> sets_;  // that were compared
};

}  // namespace untrack
