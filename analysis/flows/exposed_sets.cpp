// Comparison: what is newly accepted with no flow behind it, whether something permitted justifies
// it, and of which kind it is.
#include <utility>
#include <vector>

#include "analysis/flows/obligation_sets.hpp"

namespace untrack {

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
    const Ref answers = answer_direction(path);
    // One after the other, what is little first: together they are dear to say.
    Ref rest = gained;
    // A later fragment reaches nothing without its first one, so that where anything is permitted
    // it is exposure and no more.
    if (own != Diagram::no || answers != Diagram::no) {
      rest = d.minus(rest, world_.later_fragments());
    }
    rest = d.minus(rest, any_.errors(path));
    rest = d.minus(d.minus(rest, own), answers);
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
      rest = d.minus(rest, set);
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
    const Ref answers = answer_direction(path);
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

}  // namespace untrack
