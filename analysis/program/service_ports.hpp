// ServicePorts: UDP ports of this host that lie in the range of its clients and that rules about
// incoming packets name: services, to which no answer of a client goes. Read from the words of the
// rules alone; by it the assumption service_ports tells a packet to a service from an answer. Used
// by the flows and obligations, by their recheck, by mirrors and by the reports.
#pragma once

#include <string_view>
#include <vector>

#include "model/ruleset.hpp"

namespace untrack {

// Of ranges of at most so many ports, and of so many in all (a hundredth of the usual range), a
// client loses as good as nothing if it is never given one.
inline constexpr Number most_ports_one_by_one = 128;
inline constexpr Number most_service_ports = 256;
[[nodiscard]] inline bool is_one_by_one(const Interval& range) {
  return range.last - range.first < most_ports_one_by_one;
}

struct ServicePorts {
  // Sorted and disjoint. Named one by one or in short ranges: no client is given one of them.
  std::vector<Interval> few;
  // Those, and what a rule lets in by a longer range, of which clients may be given some.
  std::vector<Interval> all;
};

// `clients`: source ports of what this host starts. A rule whose range has most of them names none;
// so does one that asks for a source port, or that no first packet matches: what it names is where
// answers go. `ruleset` must be resolved. Linear in the rules that INPUT leads to.
[[nodiscard]] ServicePorts service_ports(const Ruleset& ruleset, IpVersion version,
                                         const Interval& clients);

// How an obligation says that a packet comes to one of them, as no answer does.
inline constexpr std::string_view goes_to_a_service =
    "goes to a port that a rule of the original names, to which no client's answers go, and is "
    "accepted, but was refused as NEW";

// What of `clients` is left without the ports.
[[nodiscard]] std::vector<Interval> without_ports(const Interval& clients,
                                                  const std::vector<Interval>& ports);

}  // namespace untrack
