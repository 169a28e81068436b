// RuleLives: of each rule, whether some packet matches it. For rulesets of any size: rules are
// boxes, and each is held against those alone that have something in common with it. A rule is live
// only if the concrete walk has followed a packet that matches it; it is dead only if the boxes of
// earlier rules of its chain hold all of its own, or nothing leads to it. Where a limit ends the
// search, or a condition is none that can be computed, it is not known. Used by the audit, with
// shadows.hpp.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "analysis/program/program.hpp"
#include "analysis/shadows.hpp"
#include "analysis/walk/concrete.hpp"

namespace untrack {

class FamilyWorld;

enum class RuleLife : std::uint8_t {
  not_known,
  live,   // a packet is known that matches it
  never,  // no packet matches it
};

struct RuleLives {
  std::vector<RuleLife> of_rule;  // by RuleId; of rules in no chain of the family: not known
  // Of those that no packet matches, plain ones that rules of their chain hide.
  Shadows shadows;
  // False: chains within each other so deep that following a packet would take too much of the
  // stack.
  bool can_be_followed = true;
};

// Is shown each witness once, with the rule that it matches.
using SeeWitness = std::function<void(RuleId, const Packet&, const Choices&)>;

struct RuleLivesLimits {
  std::size_t most_met = 20'000'000;  // rules that packets on their way are held against
  std::size_t most_cut = 4'000'000;   // boxes that are cut
  // At most so many (0: as many as there are cores), where there are rules enough. What is found is
  // the same for any number.
  std::size_t threads = 1;
  // Rules that one of them takes at a time, and as many as must be open at once for threads to be
  // worth their while: chosen, not measured one by one. Tests make them small.
  std::size_t rules_of_share = 1024;
  std::size_t worth_threads = 4096;
};

// Linear in the ruleset, but for sorting and for what rules have in common.
[[nodiscard]] RuleLives find_rule_lives(const Program& program, const RuleLivesLimits& limits = {},
                                        const SeeWitness& see = {});

// What is not known is asked of the sets of all packets, where they were made. Only behind
// add_shadows, which finds out whether they can be.
void complete(RuleLives& lives, FamilyWorld& family, const SeeWitness& see = {});

}  // namespace untrack
