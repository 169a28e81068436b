// Flows: what a list of the flows that this host starts (OutboundProfile) makes of them.
#include <array>
#include <vector>

#include "analysis/flows/flows.hpp"

namespace untrack {

Ref Flows::listed(const OutboundFlow& flow) {
  const IpVersion version = world_.version();
  if (!flow.counts_for(version)) return Diagram::no;
  Diagram& d = world_.diagram();
  const auto any_of = [&](Field field, const std::vector<Interval>& values) {
    std::vector<Ref> all;
    all.reserve(values.size());
    for (const Interval& value : values) all.push_back(world_.range(field, value));
    return values.empty() ? Diagram::yes : d.any_of(std::move(all));
  };
  Ref packets = any_of(Field::destination_address, flow.peers(version));
  if (flow.protocol == ip_protocol::icmp) {
    const std::array echo = {icmp_queries(version).front().request};
    const Ref queries = flow.is_echo ? world_.icmp_types(echo) : world_.protocol(icmp_of(version));
    return d.conj(packets, queries);
  }
  packets = d.conj(packets, world_.protocol(flow.protocol));
  packets = d.conj(packets, any_of(Field::destination_port, flow.ports));
  return d.conj(packets, any_of(Field::source_port, flow.from));
}

Ref Flows::listed() {
  if (!assumptions_.outbound) return Diagram::no;
  std::vector<Ref> all;
  all.reserve(assumptions_.outbound->flows.size());
  for (const OutboundFlow& flow : assumptions_.outbound->flows) all.push_back(listed(flow));
  return world_.diagram().any_of(std::move(all));
}

// Of the lines that name the ports that this host sends from.
Ref Flows::listed_with_source() {
  if (!assumptions_.outbound) return Diagram::no;
  std::vector<Ref> all;
  for (const OutboundFlow& flow : assumptions_.outbound->flows) {
    if (!flow.from.empty()) all.push_back(listed(flow));
  }
  return world_.diagram().any_of(std::move(all));
}

Ref Flows::assumed_to_start(Path path) {
  if (path != Path::out || !assumptions_.has(Assumption::outbound_profile)) return Diagram::yes;
  Diagram& d = world_.diagram();
  // What this host says to itself is no matter of the list. Of a segment in mid-stream it is not
  // known who began; it may go on what others did.
  const Ref telling = world_.initiators(false, true);
  return d.disj(d.disj(listed(), world_.loopback(path)), d.negate(telling));
}

}  // namespace untrack
