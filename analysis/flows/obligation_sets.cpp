#include "analysis/flows/obligation_sets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analysis/program/early_notrack.hpp"

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
    others = d.conj(others, old_.assumed_sources(path));
    others = d.minus(d.conj(gained, others), answerable_.answer_direction(path));
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

// Packets that the rewrite tracks while it does not track the other direction of their flow.
Ref Comparison::lonely(Path path) {
  Diagram& d = world_.diagram();
  const Ref partner = untracked_on(opposite(path));
  if (partner == Diagram::no) return Diagram::no;
  const Ref answered = d.conj(world_.mirrored(world_.flow_of(partner)), to_one_host());
  return d.minus(d.conj(answered, routed(path)), world_.untracked(1, path));
}

std::optional<Violation> Comparison::lost_later(Path path, Ref later, Ref answers,
                                                std::string_view flow) {
  Diagram& d = world_.diagram();
  const Ref alone = lonely(path);
  for (const auto& [packets, does] : {std::pair(later, "goes on"), std::pair(answers, "answers")}) {
    // What stands alone is ESTABLISHED to nobody: NEW or INVALID, as conntrack pleases.
    for (const auto& [seen, state] : {std::pair(d.minus(packets, alone), CtState::established),
                                      std::pair(d.conj(packets, alone), CtState::new_),
                                      std::pair(d.conj(packets, alone), CtState::invalid)}) {
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
    const Ref was = d.conj(world_.may_accept(0, path, CtState::established), old_.helpers_idle());
    const Ref later = d.minus(d.conj(old_.continuing(path), was), old_.refused_by_rate(path));
    const Ref answers = d.conj(old_.answering(path), was);
    if (auto lost = lost_later(path, later, answers, "a flow that was permitted")) return lost;
    // Errors about untracked flows are INVALID (measured), the others RELATED.
    const Ref needed =
        d.conj(d.conj(old_.errors(path), world_.errors()),
               d.conj(world_.may_accept(0, path, CtState::related), old_.helpers_idle()));
    const Ref lost_error = d.minus(needed, world_.accepts(1, path, CtState::related));
    if (lost_error != Diagram::no) {
      return Violation{path,
                       lost_error,
                       CtState::related,
                       CtState::related,
                       "is an ICMP error about a flow that was permitted, and is refused",
                       Shows::lost};
    }
    const Ref unseen =
        d.disj(world_.errors_to_source(d.conj(old_.flows(opposite(path)),
                                              world_.flow_of(world_.untracked(1, opposite(path))))),
               world_.errors_to_destination(
                   d.conj(old_.flows(path), world_.flow_of(world_.untracked(1, path)))));
    const Ref invalid = d.conj(needed, unseen);
    const Ref lost_unseen = invalid == Diagram::no
                                ? invalid
                                : d.minus(invalid, world_.accepts(1, path, CtState::invalid));
    if (lost_unseen != Diagram::no) {
      return Violation{path,
                       lost_unseen,
                       CtState::related,
                       CtState::invalid,
                       "is an ICMP error about a flow that is untracked now, which makes it "
                       "INVALID, and is refused",
                       Shows::lost};
    }
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
  if (auto refused = answers_refused_early()) return refused;
  return parted_fragments();
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

Ref Comparison::newly_accepted(Path path) {
  Diagram& d = world_.diagram();
  Ref now = new_.may_accept_stateless(path);
  if (!world_.walk(1).program().reassembles()) {
    now = d.disj(now, d.conj(world_.later_fragments(), world_.may_accept(1, path, CtState::new_)));
  }
  Ref gained = d.minus(now, old_.accepts_stateless(path));
  if (!has_fragments(path)) gained = d.minus(gained, world_.later_fragments());
  return d.minus(judged(path, gained), world_.telling_initiators());
}

// The direction of permitted flows; of ICMP, whatever type, where any query is permitted.
Ref Comparison::own_direction(Path path) {
  Diagram& d = world_.diagram();
  const Ref flows = any_.flows(path);
  std::vector<bool> gone(d.level_count());
  gone[world_.layout().level_of(Field::icmp_type_code)] = true;
  const Ref icmp = world_.protocol(icmp_of(world_.version()));
  return d.disj(flows, d.exists(d.conj(flows, icmp), gone));
}

Ref Comparison::reject_answers(Path path) {
  if (path != Path::out) return Diagram::no;
  Diagram& d = world_.diagram();
  Ref resets = any_.reject_resets();
  if (resets != Diagram::no) {
    resets = d.disj(
        resets, d.conj(any_.answer_direction(path), world_.flags(tcp_flag::rst, tcp_flag::rst)));
  }
  return d.conj(d.disj(resets, any_.reject_errors()), world_.may_accept(0, path, CtState::related));
}

Ref Comparison::lost_reject_answers() {
  Diagram& d = world_.diagram();
  const CtState now = world_.walk(1).program().tracks() ? CtState::related : CtState::new_;
  const Ref lost =
      d.minus(world_.may_accept(0, Path::out, CtState::related), world_.accepts(1, Path::out, now));
  // The reset has RST, or RST and ACK (nf_reject_ip_tcphdr_put, nf_reject_ipv4.c, 6.1).
  const Ref resets = d.conj(any_.reject_resets(), world_.valid_flags());
  return d.conj(lost, d.disj(resets, any_.reject_errors()));
}

std::optional<Violation> Comparison::unjustified() {
  Diagram& d = world_.diagram();
  for (const Path path : all_paths) {
    const Ref gained = newly_accepted(path);
    if (gained == Diagram::no) continue;
    const Ref own = own_direction(path);
    const Ref answers = answerable_.answer_direction(path);
    Ref justified = d.disj(d.disj(own, answers), any_.errors(path));
    // A later fragment reaches nothing without its first one, so that where anything is permitted
    // it is exposure and no more.
    if (d.disj(own, answers) != Diagram::no) {
      justified = d.disj(justified, world_.later_fragments());
    }
    Ref rest = d.minus(gained, justified);
    if (rest != Diagram::no) rest = d.minus(rest, reject_answers(path));
    if (rest == Diagram::no) continue;
    const auto [shown, state, is_shown] = showing(path, rest);
    return Violation{path,
                     shown,
                     state,
                     state,
                     "is accepted with no flow behind it, was not, and neither answers nor goes on "
                     "anything that was permitted",
                     is_shown ? Shows::gained : Shows::neither};
  }
  return std::nullopt;
}

// Those of newly accepted packets that show it, state by state, or in the first state that does.
std::vector<Comparison::Shown> Comparison::all_showing(Path path, Ref packets, bool first_alone) {
  Diagram& d = world_.diagram();
  std::vector<Shown> all;
  for (const auto& [state, possible] : {std::pair(CtState::new_, world_.can_be_new()),
                                        std::pair(CtState::invalid, world_.can_be_invalid()),
                                        std::pair(CtState::new_, world_.later_fragments())}) {
    const Ref gained = d.minus(world_.may_accept(1, path, state), world_.accepts(0, path, state));
    // What is gained is the same for packets of every kind.
    const Ref shown = d.conj(packets, d.conj(gained, possible));
    if (shown != Diagram::no) all.push_back({shown, state, true});
    if (first_alone && !all.empty()) return all;
  }
  if (all.empty()) all.push_back({packets, CtState::invalid, false});
  return all;
}

Comparison::Shown Comparison::showing(Path path, Ref packets) {
  return all_showing(path, packets, true).front();
}

Ref Comparison::in_states(const std::vector<Shown>& shown) {
  Diagram& d = world_.diagram();
  Ref all = Diagram::no;
  for (const Shown& one : shown) {
    const auto atom = Layout::atom_of(one.state);
    const Ref state = d.interval(world_.layout().level_of(Field::ct_state), atom, atom);
    all = d.disj(all, d.conj(one.packets, state));
  }
  return all;
}

std::vector<Comparison::Exposed> Comparison::exposed(bool in_every_state) {
  Diagram& d = world_.diagram();
  std::vector<Exposed> list;
  const Ref tcp = world_.protocol(ip_protocol::tcp);
  const Ref udp = world_.protocol(ip_protocol::udp);
  const Ref icmp = world_.protocol(icmp_of(world_.version()));
  for (const Path path : all_paths) {
    Ref rest = newly_accepted(path);
    if (rest == Diagram::no) continue;
    const auto take = [&](ExposureKind kind, Ref set) {
      const Ref here = d.conj(rest, set);
      if (here == Diagram::no) return;
      rest = d.minus(rest, here);
      const std::vector<Shown> shown = all_showing(path, here, !in_every_state);
      list.push_back({kind, path, here, shown.front().packets, shown.front().state,
                      in_every_state ? in_states(shown) : Diagram::no});
    };
    take(ExposureKind::loopback, world_.loopback(path));
    take(ExposureKind::fragments, world_.later_fragments());
    const Ref by_reject = rest == Diagram::no ? Diagram::no : reject_answers(path);
    take(ExposureKind::icmp_error,
         d.conj(world_.related_errors(), d.disj(any_.errors(path), by_reject)));
    const Ref own = own_direction(path);
    const Ref answers = answerable_.answer_direction(path);
    take(ExposureKind::odd_flags, d.minus(tcp, world_.valid_flags()));
    take(ExposureKind::stray_segments, d.conj(own, tcp));
    take(ExposureKind::rst, d.conj(d.conj(d.disj(answers, by_reject), tcp),
                                   world_.flags(tcp_flag::rst, tcp_flag::rst)));
    take(ExposureKind::ack_scan, d.conj(answers, tcp));
    take(ExposureKind::udp_reply_port, d.conj(answers, udp));
    take(ExposureKind::echo_reply, d.conj(d.conj(answers, icmp), world_.replies()));
    take(ExposureKind::continuation, own);
    take(ExposureKind::other_reply, answers);
    take(ExposureKind::unjustified, rest);
  }
  return list;
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
