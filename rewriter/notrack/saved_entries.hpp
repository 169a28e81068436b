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

// What new flows of a service keep in the table.
struct ServiceEntries {
  std::uint8_t protocol = 0;
  Interval ports{};
  std::size_t entries = 0;
};

// Sets Candidate::entries, an entry counting for the first that it fits, and puts the most entries
// first. Returns how many entries are of this IP version. Throws BudgetExhausted.
std::size_t order_by_entries(FamilyWorld& family, std::vector<Candidate>& candidates,
                             std::span<const ConntrackEntry> entries);
// The same by rates that were given; those of a service that fits nothing save nothing. Of a range
// of ports the first one says which service it is. Returns the sum of all.
std::size_t order_by_rates(FamilyWorld& family, std::vector<Candidate>& candidates,
                           std::span<const ServiceEntries> rates);

}  // namespace untrack
