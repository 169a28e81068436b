// Reads the list of flows that a host starts, one a line: `tcp 443`, `udp 53 to 192.0.2.53`,
// `udp 123 from 123`, `icmp echo`, `gre to 198.51.100.7`; # begins a comment. Used by
// `rewrite --outbound` and `verify --outbound`.
#pragma once

#include <string>
#include <vector>

#include "model/outbound_profile.hpp"
#include "model/problem.hpp"

namespace untrack {

struct ParsedOutboundProfile {
  OutboundProfile profile;
  // Each is an error, in the order of the text; with any of them the profile counts for nothing. A
  // list without a flow that does not say `nothing` is one.
  std::vector<Problem> problems;
};

// `path` is printed, never opened.
[[nodiscard]] ParsedOutboundProfile parse_outbound_profile(std::string path, std::string text);

}  // namespace untrack
