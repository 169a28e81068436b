// Random nft rulesets over small pools of values, with what iptables has no counterpart for: tables
// of inet, verdict maps, concatenations, named sets, several base chains on a hook.
#pragma once

#include <random>
#include <string>

namespace untrack {

// `has_effects`: rules that set marks; `sets_addresses`: and addresses.
[[nodiscard]] std::string random_nft_ruleset(std::mt19937& dice, bool has_effects,
                                             bool sets_addresses = false);

}  // namespace untrack
