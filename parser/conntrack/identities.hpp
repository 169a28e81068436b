// conntrack_identities: which flows a listing of the conntrack table names, so that two listings
// can be told apart. Used by app/pipeline for the rates of `untrack pressure --watch`.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace untrack {

// A number for each line that has an original direction: a hash of its protocol, addresses, ports,
// ICMP type, code and id, and zone; never of counters, times or states. Sorted.
[[nodiscard]] std::vector<std::uint64_t> conntrack_identities(std::string_view listing);

}  // namespace untrack
