// Changed rules: in which rules two rulesets differ, and which rules bear on what these decide. A
// packet that matches no changed rule meets, on its way through both, the same rules in the same
// order, or in one that means the same (exchanged_rules.hpp), and is decided alike; so only packets
// that some changed rule may match are worth to be compared, and only the rules that may match one
// of them. Used by `diff` for rulesets whose whole decisions no diagram could hold; the property
// tests hold it against the whole comparison.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "analysis/program/program.hpp"
#include "analysis/program/rule_survey.hpp"
#include "analysis/walk/concrete.hpp"
#include "analysis/walk/reach.hpp"

namespace untrack {

// By RuleId, of the old program and of the new one.
using RulesOfBoth = std::array<RuleSet, 2>;

struct PairedRules {
  // Rules without a twin: every other rule stands in a chain of one name in both, says the same,
  // and these stand in the same order, but for rules next to each other that all accept or all
  // drop.
  RulesOfBoth changed;
  std::vector<std::pair<RuleId, RuleId>> twins;  // the old one and the new one
  std::vector<ChainId> partners;                 // in the new ruleset, by ChainId of the old one
  std::array<RuleSurvey, 2> surveys;             // to make the programs with
};

// From the rulesets alone. nullopt: names that should be of one thing are of several. Linear, but
// for sorting what stands between equal ends.
[[nodiscard]] std::optional<PairedRules> pair_rules(const Ruleset& before, const Ruleset& after,
                                                    IpVersion version);

// The rules without a twin that means the same: what no packet tells may be another thing in each.
// Both programs are of these rulesets and share their FreeVariables. nullopt: more differs than
// rules (base chains, policies, what is tracked).
[[nodiscard]] std::optional<RulesOfBoth> changed_rules(const Program& before, const Program& after,
                                                       const PairedRules& pairs);

// The rules that may match a packet that a changed one may match, these among them: with all others
// left out, both programs differ in the same packets as before, and decide these as before. (What
// they decide of other packets is the same in both, and may be another thing than before.) nullopt:
// more differs than rules, or too much to be worth it.
[[nodiscard]] std::optional<RulesOfBoth> rules_that_matter(const Program& before,
                                                           const Program& after,
                                                           const PairedRules& pairs);

// For the concrete walk: of each chain, the rules whose keys hold the packet.
class RulesByKey final : public RulesToMeet {
 public:
  // Both are to outlive it.
  RulesByKey(const Ruleset& ruleset, const RuleSurvey& survey)
      : ruleset_(ruleset), survey_(survey) {}
  bool rules_of(ChainId chain, const Packet& packet, std::vector<RuleId>& rules) override;

 private:
  const Ruleset& ruleset_;
  const RuleSurvey& survey_;
};

}  // namespace untrack
