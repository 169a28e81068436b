// Shadows: rules that no packet can match because earlier rules of their chain take all of what
// they ask for. Computed once from the symbolic walk, read by the checks UT201 and UT203. Only what
// is certain: for every packet, every state and every outcome of what cannot be computed.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "analysis/diagram/diagram.hpp"
#include "model/ruleset.hpp"

namespace untrack {

struct Shadow {
  std::vector<RuleId> takers;  // that take its packets, in the order of the chain
  bool is_opposite = false;    // all of them do the opposite of what it does
  bool is_same = false;        // all of them do the same; neither: some do, some do not
};

struct Shadows {
  std::vector<std::optional<Shadow>> of_rule;  // by RuleId; empty: not analysed
  bool is_exhausted = false;  // a limit was reached for one family, of which nothing is known then
};

// `tracks`: by IpVersion, see Program. Families whose inputs are a part of a larger ruleset are
// left out, since unknown rules may come before.
[[nodiscard]] Shadows find_shadows(const Ruleset& ruleset, IpVersions given,
                                   const std::array<bool, 2>& tracks,
                                   const DiagramLimits& limits = {3'000'000, 15'000'000});

}  // namespace untrack
