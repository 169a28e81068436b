// The NOTRACK rewrite: which flows are untracked, the rules in raw that do it in both directions,
// and what the rules on their way have to let pass beside NEW. What answers them, and the ICMP
// errors about them, is written by rewriter/stateless/replies.hpp (ReplyUse::untracked). Nothing
// here is proven: the finished text has to meet the obligations.
#pragma once

#include <string>
#include <vector>

#include "rewriter/notrack/candidates.hpp"
#include "rewriter/stateless/draft.hpp"
#include "rewriter/stateless/replies.hpp"

namespace untrack {

struct NotrackPlan {
  std::vector<Edit> edits;    // the rules in raw, and UNTRACKED beside NEW
  std::vector<Place> places;  // rules that accept ESTABLISHED, beside which answers may stand
  bool is_empty = true;       // not all of it can be untracked
  std::string why_empty;      // half a sentence
};

// For some of what find_candidates() found. Throws BudgetExhausted.
[[nodiscard]] NotrackPlan plan_notrack(FamilyWorld& family, const Sources& sources,
                                       const Assumptions& assumptions, const Candidates& found,
                                       const std::vector<Candidate>& chosen);

// With what answers the flows.
[[nodiscard]] EditSet finished(const Ruleset& ruleset, const Sources& sources,
                               const NotrackPlan& plan, const Replies& replies);
// Without it, for find_replies().
[[nodiscard]] EditSet drafted(const NotrackPlan& plan);

}  // namespace untrack
