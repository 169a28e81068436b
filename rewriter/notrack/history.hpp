// History: which flows rules ask about that look at more than a packet and its state: what they
// remember (`recent`, sets that rules fill), and rates and counts. Such a flow may have to stay
// tracked where its neighbours on other ports need not. Used by app/pipeline/rewrite, which tries
// the parts apart where all together keep no policy; what they come to is told by the proof.
#pragma once

#include <string>
#include <vector>

#include "analysis/flows/family_world.hpp"
#include "rewriter/notrack/candidates.hpp"

namespace untrack {

// The candidates with each one in parts: what no such rule asks about first, then what the same
// rules ask about. A candidate of one part stays as it is. Throws BudgetExhausted.
[[nodiscard]] std::vector<Candidate> split_by_history(FamilyWorld& family,
                                                      const Assumptions& assumptions,
                                                      const std::vector<Candidate>& rows);

// Of a candidate that such a rule asks about, half a sentence on it: "tcp to port 22 is what ...
// remembers or counts"; empty: none does, of all of it. Throws BudgetExhausted.
[[nodiscard]] std::string history_text(FamilyWorld& family, const Sources& sources,
                                       const Assumptions& assumptions, const Candidate& row);

}  // namespace untrack
