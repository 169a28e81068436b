// World: from packets to flows, from flows to what answers them or is an error about them, and
// back.
#include <array>
#include <utility>

#include "analysis/flows/world.hpp"

namespace untrack {
namespace {

// What differs from packet to packet of one direction of a flow.
constexpr Field packet_fields[] = {
    Field::tcp_flags, Field::later_fragment, Field::length,      Field::ttl,      Field::dscp,
    Field::ecn,       Field::dccp_type,      Field::packet_type, Field::ct_state, Field::mh_type,
    Field::ah_spi,    Field::esp_spi,
};

// Of `packet_levels` and what else an error about a flow does not tell; one of its ends is gone
// besides.
std::vector<bool> unquoted(std::vector<bool> packet_levels, const Layout& layout, Field address,
                           Field type) {
  for (const Field field : {address, type, Field::protocol, Field::source_port,
                            Field::destination_port, Field::icmp_type_code, Field::source_mac}) {
    packet_levels[layout.level_of(field)] = true;
  }
  for (FreeId id = 0; id < layout.free_count(); ++id) {
    packet_levels[layout.level_of_free(id)] = true;
  }
  return packet_levels;
}

}  // namespace

std::vector<bool> World::packet_levels() const {
  std::vector<bool> marked = levels(packet_fields);
  for (std::size_t i = 0; i < layout_->marks().blocks().size(); ++i) {
    marked[layout_->level_of_block(i)] = true;
  }
  const FreeVariables& variables = walks_.front()->program().variables();
  for (FreeId id = 0; id < layout_->free_count(); ++id) {
    if (variables[id].scope == FreeScope::packet) marked[layout_->level_of_free(id)] = true;
  }
  return marked;
}

Ref World::flow_of(Ref packets) { return diagram_->exists(packets, packet_levels()); }

// What is known of one direction only: hardware addresses, owners.
std::vector<bool> World::one_sided_levels() const {
  std::vector<bool> marked = levels(std::array{Field::source_mac});
  for (FreeId id = 0; id < layout_->free_count(); ++id) marked[layout_->level_of_free(id)] = true;
  return marked;
}

Ref World::mirrored(Ref flows) {
  // Where an answer comes from is what routing makes of its source, whatever kind of destination
  // the flow had to have.
  return diagram_->exists(turned(diagram_->exists(flows, one_sided_levels())),
                          levels(std::array{Field::source_type}));
}

Ref World::asking_for(Ref answers) {
  std::vector<bool> gone = one_sided_levels();
  gone[layout_->level_of(Field::source_type)] = true;
  return turned(diagram_->exists(flow_of(answers), gone));
}

Ref World::turned(Ref two_sided) {
  std::vector<Diagram::Level> to(diagram_->level_count());
  for (Diagram::Level level = 0; level < to.size(); ++level) to[level] = level;
  const auto swap = [&](Field a, Field b) {
    std::swap(to[layout_->level_of(a)], to[layout_->level_of(b)]);
  };
  swap(Field::source_address, Field::destination_address);
  swap(Field::source_port, Field::destination_port);
  swap(Field::in_interface, Field::out_interface);
  swap(Field::source_type, Field::destination_type);
  std::vector<std::vector<Diagram::Atom>> maps(diagram_->level_count());
  const NumberDomain& types = layout_->numbers(Field::icmp_type_code);
  std::vector<Diagram::Atom>& map = maps[layout_->level_of(Field::icmp_type_code)];
  for (Diagram::Atom atom = 0; atom < types.size(); ++atom) {
    const Number first = types.values_of(atom).first;
    Number mirrored = first;
    for (const IcmpQuery& query : icmp_queries(version())) {
      if (first / 256 == query.request) mirrored = Number{query.reply} * 256 + first % 256;
      if (first / 256 == query.reply) mirrored = Number{query.request} * 256 + first % 256;
    }
    map.push_back(types.atom_of(mirrored));
  }
  return diagram_->rename(two_sided, to, maps);
}

Ref World::errors_to_destination(Ref flows) {
  return diagram_->exists(
      flows, unquoted(packet_levels(), *layout_, Field::source_address, Field::source_type));
}

// The same as errors_to_destination(mirrored(flows)), with what does not matter forgotten first: to
// mirror a large set is dear.
Ref World::errors_to_source(Ref flows) {
  return mirrored(diagram_->exists(
      flows,
      unquoted(packet_levels(), *layout_, Field::destination_address, Field::destination_type)));
}

Ref World::errors_about(Path path, const FlowsOfWay& flows) {
  const auto to_both_ends = [&](Path back, Path forth) {
    return diagram_->disj(errors_to_source(flows(back)), errors_to_destination(flows(forth)));
  };
  const Ref all = to_both_ends(opposite(path), path);
  if (path != Path::out) return all;
  std::vector<bool> gone(diagram_->level_count());
  // What the flow is routed by is the flow's, not the error's.
  for (const Field field : {Field::in_interface, Field::destination_type}) {
    gone[layout_->level_of(field)] = true;
  }
  const Ref own = diagram_->exists(to_both_ends(Path::forward, Path::forward), gone);
  return diagram_->disj(all, diagram_->conj(own, on_way(Path::out)));
}

// What errors_to_source() forgets of flows is, turned round, what errors_to_destination() does; and
// to turn twice changes nothing but ICMP types, which both forget.
Ref World::asking_for_errors(Ref errors) { return turned(errors_to_destination(errors)); }

}  // namespace untrack
