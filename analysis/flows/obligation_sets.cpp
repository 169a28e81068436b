#include "analysis/flows/obligation_sets.hpp"

#include <fmt/format.h>

#include <array>

#include "analysis/flows/from_nobody.hpp"
#include "analysis/program/early_notrack.hpp"
#include "analysis/program/fragment_tests.hpp"
#include "analysis/program/service_ports.hpp"

namespace untrack {
namespace {

Assumptions wide(const Assumptions& assumptions) {
  Assumptions wide = Assumptions::none();
  wide.set(Assumption::client_ports, assumptions.has(Assumption::client_ports));
  wide.host_ports = wide.other_ports = assumptions.other_ports;
  // For the source ports that it names. It narrows nothing here: the assumption stays off.
  wide.outbound = assumptions.outbound;
  return wide;
}

}  // namespace

Comparison::Comparison(World& world, const Assumptions& assumptions)
    : world_(world),
      old_(world, 0, assumptions),
      new_(world, 1, assumptions),
      answerable_(world, 0, wide(assumptions)),
      any_(world, 0, Assumptions::none()) {
  for (Flows* flows : {&old_, &new_, &answerable_, &any_}) flows->be_exact();
}

// All that may answer flows from ports that clients have: where who may begin a flow is told by
// what both directions have, those answers of all flows that go to such clients, which are known
// anyway.
Ref Comparison::answer_direction(Path path) {
  auto& known = answers_[static_cast<std::size_t>(path)];
  if (known) return *known;
  Diagram& d = world_.diagram();
  const Ref all = any_.answer_direction(path);
  if (!has(Assumption::client_ports)) {
    known = all;
    return all;
  }
  const Layout& layout = world_.layout();
  // No first packet is a later fragment.
  const Ref sources =
      d.minus(answerable_.assumed_sources(opposite(path)), world_.later_fragments());
  const Ref clients = world_.flow_of(sources);
  std::vector<bool> of_one_side(d.level_count());
  for (const Field field :
       {Field::source_mac, Field::icmp_type_code, Field::source_type, Field::destination_type}) {
    of_one_side[layout.level_of(field)] = true;
  }
  for (FreeId id = 0; id < layout.free_count(); ++id) of_one_side[layout.level_of_free(id)] = true;
  const bool is_told = d.minus(clients, world_.later_fragments()) == sources &&
                       d.exists(clients, of_one_side) == clients;
  known = is_told ? d.conj(all, world_.mirrored(clients)) : answerable_.answer_direction(path);
  return *known;
}

// Packets that the assumptions leave in question.
Ref Comparison::judged(Path path, Ref packets) {
  Diagram& d = world_.diagram();
  Ref all = d.conj(packets, world_.on_way(path));
  if (has(Assumption::loopback_open)) all = d.minus(all, world_.loopback(path));
  if (has(Assumption::no_fragments)) all = d.minus(all, world_.later_fragments());
  return all;
}

std::optional<Violation> Comparison::new_initiator() {
  Diagram& d = world_.diagram();
  for (const Path path : all_paths) {
    const Ref gained = judged(path, d.minus(world_.may_accept(1, path, CtState::new_),
                                            world_.accepts(0, path, CtState::new_)));
    const Ref telling = d.conj(gained, world_.telling_initiators());
    if (telling != Diagram::no) {
      return Violation{path,
                       telling,
                       CtState::new_,
                       CtState::new_,
                       "can begin a connection and is accepted, but was refused as NEW",
                       Shows::gained};
    }
    Ref others = d.minus(world_.initiators(!has(Assumption::no_midstream), true),
                         world_.telling_initiators());
    others = d.conj(gained, others);
    const Ref to_services = path == Path::in ? d.conj(others, old_.to_services()) : Diagram::no;
    if (to_services != Diagram::no) {
      const Ref begins = d.conj(to_services, old_.assumed_sources(path));
      if (begins != Diagram::no) {
        return Violation{
            path,         begins, CtState::new_, CtState::new_, std::string(goes_to_a_service),
            Shows::gained};
      }
    }
    others = d.minus(others, answer_direction(path));
    // Asked last: who is assumed to send is dear to say, and mostly nothing is left.
    if (others != Diagram::no) others = d.conj(others, old_.assumed_sources(path));
    if (others != Diagram::no) {
      return Violation{path,
                       others,
                       CtState::new_,
                       CtState::new_,
                       "can begin a flow and is accepted, but was refused as NEW and answers "
                       "nothing that was permitted",
                       Shows::gained};
    }
  }
  if (auto open = fragments_asked_for()) return open;
  return changed_memory();
}

bool Comparison::stops_reassembly() const {
  return world_.walk(0).program().reassembles() && !world_.walk(1).program().reassembles();
}

// Where later fragments can meet rules that decide. In front of IPv4's INPUT the stack puts them
// together itself; what this host sends is cut behind the last hook (ip_finish_output, 6.1).
bool Comparison::has_fragments(Path path) const {
  return path == Path::forward || (path == Path::in && world_.version() == IpVersion::ipv6);
}

// Without what the first fragment says alone, ports and the like, and whether it is the first: of
// packets, their fragments among them, and of fragments what they may be parts of.
Ref Comparison::in_parts(Ref packets) {
  Diagram& d = world_.diagram();
  std::vector<bool> gone(d.level_count());
  for (const Field field : {Field::source_port, Field::destination_port, Field::icmp_type_code,
                            Field::tcp_flags, Field::later_fragment, Field::length,
                            Field::dccp_type, Field::ah_spi, Field::esp_spi, Field::mh_type}) {
    gone[world_.layout().level_of(field)] = true;
  }
  return d.exists(packets, gone);
}

// Later fragments of packets, which are refused.
Ref Comparison::lost_fragments(Path path, std::span<const Ref> packets) {
  Diagram& d = world_.diagram();
  const Ref refused = d.minus(d.conj(world_.later_fragments(), world_.on_way(path)),
                              world_.accepts(1, path, CtState::new_));
  // Asked of what is refused first, which is little: packets are many, and dear to take apart.
  const Ref losing = in_parts(refused);
  std::vector<Ref> parts;
  for (const Ref each : packets) {
    if (d.intersects(each, losing))
      parts.push_back(d.conj(in_parts(d.conj(each, losing)), refused));
  }
  return d.any_of(std::move(parts));
}

Ref Comparison::to_one_host() {
  // The others are groups, or lead nowhere.
  return world_.range(Field::destination_type, {address_type::unicast, address_type::local});
}

std::optional<Violation> Comparison::lost_later(Path path, Ref later, Ref answers,
                                                std::string_view flow, Ref as_before) {
  Diagram& d = world_.diagram();
  const Ref alone = lonely(path);
  const Ref alone_now = d.minus(alone, as_before);
  for (const auto& [packets, does] : {std::pair(later, "goes on"), std::pair(answers, "answers")}) {
    // What stands alone is ESTABLISHED to nobody: NEW or INVALID, as conntrack pleases.
    for (const auto& [seen, state] : {std::pair(d.minus(packets, alone), CtState::established),
                                      std::pair(d.conj(packets, alone_now), CtState::new_),
                                      std::pair(d.conj(packets, alone_now), CtState::invalid)}) {
      if (seen == Diagram::no) continue;
      const Ref lost = d.minus(seen, world_.accepts(1, path, state));
      if (lost == Diagram::no) continue;
      return Violation{path,
                       lost,
                       CtState::established,
                       state,
                       fmt::format("{} {}, and is refused", does, flow),
                       Shows::lost};
    }
  }
  return std::nullopt;
}

// Neighbour discovery and the like, which conntrack leaves alone in both: without it IPv6 ends
// (measured on 6.18).
std::optional<Violation> Comparison::lost_never_tracked(Path path) {
  if (world_.version() == IpVersion::ipv4) return std::nullopt;
  Diagram& d = world_.diagram();
  Ref types = Diagram::no;
  for (const Interval& range : never_tracked_icmpv6) {
    types = d.disj(types, world_.range(Field::icmp_type_code, range));
  }
  // The walks give them the state UNTRACKED, whatever state is asked for.
  const Ref packets = judged(path, d.conj(types, world_.protocol(ip_protocol::icmpv6)));
  const Ref lost = d.minus(d.conj(packets, world_.accepts(0, path, CtState::new_)),
                           world_.accepts(1, path, CtState::new_));
  if (lost == Diagram::no) return std::nullopt;
  return Violation{path,
                   lost,
                   CtState::new_,
                   CtState::new_,
                   "is neighbour discovery or of multicast listeners, which is never tracked, was "
                   "accepted, and is refused",
                   Shows::lost};
}

std::optional<Violation> Comparison::broken_flow() {
  Diagram& d = world_.diagram();
  auto binding = lost_binding();
  if (binding && binding->is_certain) return binding;
  auto proxy = changed_proxy();
  if (proxy && proxy->is_certain) return proxy;
  if (auto lost = lost_expected()) return lost;
  for (const Path path : all_paths) {
    const Ref first = old_.permitted(path);
    const Ref lost_first = d.minus(first, world_.accepts(1, path, CtState::new_));
    if (lost_first != Diagram::no) {
      return Violation{path,
                       lost_first,
                       CtState::new_,
                       CtState::new_,
                       "begins a flow that was permitted, and is refused",
                       Shows::lost};
    }
    if (auto lost = lost_never_tracked(path)) return lost;
    const Ref was = d.conj(world_.may_accept(0, path, CtState::established), old_.helpers_idle());
    const Ref later = d.minus(d.conj(old_.continuing(path), was), old_.refused_by_rate(path));
    const Ref answers = d.conj(old_.answering(path), was);
    const Ref alone = lonely(path);
    const Ref as_before = alone == Diagram::no ? alone : d.minus(alone, tracked_otherwise(path));
    if (auto lost = lost_later(path, later, answers, "a flow that was permitted", as_before)) {
      return lost;
    }
    if (auto lost = lost_as_before(path, as_before)) return lost;
    if (auto lost = lost_by_halves(path)) return lost;
    const Ref needed =
        d.minus(d.conj(d.conj(old_.errors(path), world_.errors()),
                       d.conj(world_.may_accept(0, path, CtState::related), old_.helpers_idle())),
                from_nobody(world_));
    const Ref lost_error = d.minus(needed, world_.accepts(1, path, CtState::related));
    if (lost_error != Diagram::no) {
      return Violation{path,
                       lost_error,
                       CtState::related,
                       CtState::related,
                       "is an ICMP error about a flow that was permitted, and is refused",
                       Shows::lost};
    }
    if (auto lost = lost_unseen_error(path, needed)) return lost;
    if (stops_reassembly() && has_fragments(path) && !has(Assumption::no_fragments)) {
      const Ref lost = lost_fragments(path, std::array{first, later, answers});
      if (lost != Diagram::no) {
        return Violation{path, lost, CtState::established, CtState::new_,
                         "is a later fragment of a flow that was permitted: connection tracking "
                         "put it together with the first, and now it is refused"};
      }
    }
  }
  if (auto lost = lost_one_way()) return lost;
  if (binding) return binding;
  if (proxy) return proxy;
  if (auto changed = changed_memory()) return changed;
  if (auto changed = reordered_entries()) return changed;
  if (auto refused = answers_refused_early()) return refused;
  if (auto open = fragments_asked_for()) return open;
  return parted_fragments();
}

// Rules saw whole packets, and see first fragments now; of what they ask about those nothing is
// known.
std::optional<Violation> Comparison::fragments_asked_for() {
  if (!stops_reassembly() || has(Assumption::no_fragments)) return std::nullopt;
  const bool is_asked = asks_about_fragments(world_.walk(0).program().ruleset()) ||
                        asks_about_fragments(world_.walk(1).program().ruleset());
  if (!is_asked) return std::nullopt;
  for (const Path path : {Path::in, Path::forward}) {
    const Ref packets = has_fragments(path) ? world_.on_way(path) : Diagram::no;
    if (packets == Diagram::no) continue;
    Violation open{path, packets, CtState::new_, CtState::new_,
                   "may come in fragments, of which a rule asks; connection tracking put them "
                   "together before, and what that rule says of the first one now is not known"};
    open.is_certain = false;
    return open;
  }
  return std::nullopt;
}

// NOTRACK that takes place ahead of reassembly: whether it takes all fragments of a packet alike is
// not followed.
std::optional<Violation> Comparison::parted_fragments() {
  const bool is_new =
      untracks_fragments(world_.walk(1).program()) && !untracks_fragments(world_.walk(0).program());
  if (!is_new || has(Assumption::no_fragments)) return std::nullopt;
  for (const Path path : {Path::in, Path::forward}) {
    const Ref parted = world_.diagram().conj(old_.permitted(path), world_.untracked(1, path));
    if (parted == Diagram::no) continue;
    Violation open{path, parted, CtState::new_, CtState::new_,
                   "may come in fragments, and is untracked in front of where they are put "
                   "together; whether all of them are is not known"};
    open.is_certain = false;
    return open;
  }
  return std::nullopt;
}

std::vector<std::size_t> Comparison::refused_outbound() {
  std::vector<std::size_t> refused;
  const auto& profile = old_.assumptions().outbound;
  if (!profile || !has(Assumption::outbound_profile)) return refused;
  Diagram& d = world_.diagram();
  const Ref permitted = d.minus(old_.permitted(Path::out), world_.loopback(Path::out));
  for (std::size_t i = 0; i < profile->flows.size(); ++i) {
    const OutboundFlow& flow = profile->flows[i];
    if (flow.counts_for(world_.version()) && !d.intersects(permitted, old_.listed(flow))) {
      refused.push_back(i);
    }
  }
  return refused;
}

}  // namespace untrack
