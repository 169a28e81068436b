// Networks: the fewest networks that make up a range of addresses, as iptables-save writes them.
// Used for the addresses of the rules that the rewrites write.
#pragma once

#include <string>
#include <vector>

#include "model/match.hpp"

namespace untrack {

// "192.0.2.0/25", in the order of the addresses.
[[nodiscard]] std::vector<std::string> networks(Interval range, IpVersion version);

}  // namespace untrack
