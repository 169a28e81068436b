// SideWork: what rules do, beside deciding packets, on which decisions rest all the same: they hand
// packets to a proxy of this host (TPROXY), or fill what rules ask (sets, lists of `recent`). Of
// two rulesets, what has to be the same in both before a condition that no packet tells may be
// taken for the same in both. Used by the obligations and by the recheck of certificates; what
// fills a set that no rule of either asks is left out.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "analysis/program/program.hpp"

namespace untrack {

struct SideWork {
  std::uint32_t part = 0;  // done where all tests of the rule in front of this part hold
  std::string text;        // in its own words; equal where it does the same
  bool is_proxy = false;
};

using SideWorks = std::map<std::uint32_t, std::vector<SideWork>>;  // by RuleId

struct SideWorkOfBoth {
  std::array<SideWorks, 2> works;
  std::vector<std::string> memories;  // "set inet filter blocked", that rules fill and rules ask
};
[[nodiscard]] SideWorkOfBoth side_work_of(const Ruleset& before, const Ruleset& after);

// On a way, the first memory that is filled and asked in another order; empty: none is.
[[nodiscard]] std::string reordered_memory(const Program& before, const Program& after, Path path,
                                           const std::vector<std::string>& memories);

}  // namespace untrack
