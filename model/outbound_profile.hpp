// OutboundProfile: the flows that a host starts, as its administrator listed them, and nothing
// else: `--outbound FILE` of `rewrite` and `verify` (docs/rewrite.md). Made by
// parser/outbound/profile, read by analysis/flows as the assumption outbound_profile, printed by
// report/. A plain value; spans point into its own `sources`.
#pragma once

#include <cstdint>
#include <vector>

#include "model/match.hpp"
#include "model/source_text.hpp"
#include "model/vocabulary.hpp"

namespace untrack {

// One line: tcp, udp and the like to ports of peers; ICMP queries; any packet of another protocol.
struct OutboundFlow {
  Span span;                    // its words, the comment aside
  std::uint8_t protocol = 0;    // 1 is the ICMP of both families
  bool is_echo = false;         // of ICMP: echo requests alone
  std::vector<Interval> from;   // source ports; none: those that clients use
  std::vector<Interval> ports;  // destination ports; none: every one, or the protocol has none
  // Destinations of each family; none in either: everywhere.
  std::vector<Interval> ipv4;
  std::vector<Interval> ipv6;

  [[nodiscard]] const std::vector<Interval>& peers(IpVersion version) const {
    return version == IpVersion::ipv4 ? ipv4 : ipv6;
  }
  // A line that names peers of one family says nothing of the other.
  [[nodiscard]] bool counts_for(IpVersion version) const {
    return (ipv4.empty() && ipv6.empty()) || !peers(version).empty();
  }
};

struct OutboundProfile {
  Sources sources;  // the one file
  std::vector<OutboundFlow> flows;
};

}  // namespace untrack
