// How many entries of a connection tracking table are of flows that a NOTRACK rewrite can take up:
// what untracking each service saves, measured on the table that was given. An entry is known by
// protocol, addresses and ports; its interfaces, and whose the addresses are, are not in it, so
// that the numbers are the most that it can be.
#pragma once

#include <span>
#include <vector>

#include "model/conntrack_entry.hpp"
#include "rewriter/notrack/candidates.hpp"

namespace untrack {

// Sets Candidate::entries, an entry counting for the first that it fits, and puts the most entries
// first. Returns how many entries are of this IP version. Throws BudgetExhausted.
std::size_t order_by_entries(FamilyWorld& family, std::vector<Candidate>& candidates,
                             std::span<const ConntrackEntry> entries);

}  // namespace untrack
