// Flows: what the assumption service_ports makes of the ports that rules name as those of services.
#include "analysis/flows/flows.hpp"
#include "analysis/program/service_ports.hpp"
#include "model/catalog/one_port_services.hpp"

namespace untrack {
namespace {

// What is asked from the port on which it answers, which may be among those of clients.
Ref from_own_port(World& world) {
  Diagram& d = world.diagram();
  Ref all = Diagram::no;
  for (const Number port : catalog::symmetric_ports()) {
    all = d.disj(all, d.conj(world.range(Field::source_port, {port, port}),
                             world.range(Field::destination_port, {port, port})));
  }
  return all;
}

}  // namespace

// What no client of this host sends: UDP from ports that rules name one by one, as far as nothing
// names them as ports to send from.
Ref Flows::from_service_ports() {
  if (!assumptions_.has(Assumption::service_ports)) return Diagram::no;
  const Ruleset& ruleset = program().ruleset();
  const std::vector<Interval> few =
      service_ports(ruleset, world_.version(), assumptions_.host_ports).few;
  if (few.empty()) return Diagram::no;
  Diagram& d = world_.diagram();
  Ref ports = Diagram::no;
  for (const Interval& range : few) ports = d.disj(ports, world_.range(Field::source_port, range));
  const Ref packets =
      d.minus(d.conj(ports, world_.protocol(ip_protocol::udp)), from_own_port(world_));
  return d.minus(packets, d.disj(naming_few_sources(packets), listed_with_source()));
}

Ref Flows::to_services() {
  if (!assumptions_.has(Assumption::service_ports)) return Diagram::no;
  Diagram& d = world_.diagram();
  Ref ports = Diagram::no;
  for (const Interval& range :
       service_ports(program().ruleset(), world_.version(), assumptions_.host_ports).all) {
    ports = d.disj(ports, world_.range(Field::destination_port, range));
  }
  if (ports == Diagram::no) return ports;
  const Ref answers =
      d.disj(from_own_port(world_), world_.mirrored(world_.flow_of(listed_with_source())));
  return d.minus(d.conj(ports, world_.protocol(ip_protocol::udp)), answers);
}

}  // namespace untrack
