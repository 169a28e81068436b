// Random iptables rulesets over small pools of values, so that packets hit them: for the properties
// that hold for every ruleset. The text is one that iptables-restore takes.
#pragma once

#include <random>
#include <string>

namespace untrack {

struct RandomRulesetOptions {
  bool is_ipv6 = false;
  bool tracks = true;       // states, NOTRACK, NAT
  bool has_effects = true;  // marks, NAT, CONNMARK
  bool has_free = true;     // conditions that no packet tells
  int most_rules = 6;       // of a chain
};

[[nodiscard]] std::string random_ruleset(std::mt19937& dice, const RandomRulesetOptions& options);

}  // namespace untrack
