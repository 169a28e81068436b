#include "analysis/recheck/obligations.hpp"

#include <algorithm>

#include "analysis/program/early_notrack.hpp"
#include "analysis/program/fragment_tests.hpp"
#include "analysis/recheck/from_nobody.hpp"

namespace untrack::boxwise {
namespace {

// Assumptions that say more narrow what must be kept, and not what may be let in.
Assumptions as_answers(const Assumptions& assumptions) {
  Assumptions wide = Assumptions::none();
  wide.set(Assumption::client_ports, assumptions.has(Assumption::client_ports));
  wide.host_ports = wide.other_ports = assumptions.other_ports;
  wide.outbound = assumptions.outbound;
  return wide;
}

}  // namespace

Rulesets::Rulesets(BoxWalk& original, BoxWalk& rewritten, const Traffic& traffic,
                   const Assumptions& assumptions)
    : old_(original),
      new_(rewritten),
      traffic_(traffic),
      sets_(traffic.sets()),
      assumptions_(assumptions),
      flows_(original, traffic, assumptions),
      now_(rewritten, traffic, assumptions),
      answerable_(original, traffic, as_answers(assumptions)),
      any_(original, traffic, Assumptions::none()) {}

void Rulesets::add(std::vector<Breach>& all, Breach breach) const {
  if (!breach.packets.empty()) all.push_back(std::move(breach));
}

BoxList Rulesets::judged(Path path, BoxList packets) const {
  packets = sets_.both(packets, old_.on_way(path));
  if (has(Assumption::loopback_open) && path != Path::forward) {
    packets = sets_.minus(packets, traffic_.loopback(path));
  }
  if (has(Assumption::no_fragments)) packets = sets_.minus(packets, traffic_.later_fragments());
  return packets;
}

std::vector<Breach> Rulesets::new_initiators() {
  std::vector<Breach> all;
  for (const Path path : all_paths) {
    const BoxList gained = judged(
        path, sets_.minus(new_.may_accept(path, CtState::new_), old_.accepts(path, CtState::new_)));
    const BoxList telling = traffic_.telling_initiators();
    add(all, {path, sets_.both(gained, telling), CtState::new_, CtState::new_,
              "can begin a connection and is accepted, but was refused as NEW"});
    const BoxList others =
        sets_.minus(traffic_.initiators(!has(Assumption::no_midstream), true), telling);
    BoxList begins = sets_.both(gained, others);
    if (begins.empty()) continue;
    begins = sets_.both(begins, flows_.assumed_sources(path));
    BoxList answers = answerable_.answer_direction(path);
    if (path == Path::in) answers = sets_.minus(answers, flows_.to_services());
    add(all, {path, sets_.minus(begins, answers), CtState::new_, CtState::new_,
              "can begin a flow and is accepted, but was refused as NEW and answers nothing that "
              "was permitted"});
  }
  add_side_work(all, false);
  add_fragments_asked_for(all);
  return all;
}

// Where later fragments can meet rules that decide.
bool Rulesets::has_fragments(Path path) const {
  return path == Path::forward || (path == Path::in && traffic_.version() == IpVersion::ipv6);
}

BoxList Rulesets::untracked_on(Path path) {
  return sets_.both(new_.untracked(path), traffic_.routed(path));
}

void Rulesets::add_lost_later(std::vector<Breach>& all, Path path, const BoxList& packets,
                              std::string_view what, const BoxList& as_before) {
  const BoxList alone = lonely(path);
  const BoxList with_both = sets_.minus(packets, alone);
  add(all, {path, sets_.minus(with_both, new_.accepts(path, CtState::established)),
            CtState::established, CtState::established, what});
  if (alone.empty()) return;
  const BoxList of_one = sets_.minus(sets_.both(packets, alone), as_before);
  for (const CtState state : {CtState::new_, CtState::invalid}) {
    add(all,
        {path, sets_.minus(of_one, new_.accepts(path, state)), CtState::established, state, what});
  }
}

void Rulesets::add_fragments(std::vector<Breach>& all, Path path, const BoxList& packets) {
  const BoxList refused = sets_.minus(sets_.both(traffic_.later_fragments(), old_.on_way(path)),
                                      new_.accepts(path, CtState::new_));
  if (refused.empty()) return;
  const BoxList parts =
      traffic_.without(packets, {Field::source_port, Field::destination_port, Field::icmp_type_code,
                                 Field::tcp_flags, Field::later_fragment, Field::length,
                                 Field::dccp_type, Field::ah_spi, Field::esp_spi, Field::mh_type});
  add(all, {path, sets_.both(parts, refused), CtState::established, CtState::new_,
            "is a later fragment of a flow that was permitted, and is refused"});
}

void Rulesets::add_one_way(std::vector<Breach>& all) {
  if (has(Assumption::symmetric_paths)) return;
  const Path path = Path::forward;
  BoxList packets = sets_.either(flows_.continuing(path), flows_.answering(path));
  packets = sets_.both(packets, old_.on_way(path));
  packets = sets_.both(packets, flows_.helpers_idle());
  packets = sets_.minus(packets, flows_.refused_by_rate(path));
  for (const CtState state : {CtState::new_, CtState::invalid}) {
    const BoxList possible =
        state == CtState::new_ ? traffic_.can_be_new() : traffic_.can_be_invalid();
    const BoxList passed = sets_.both(sets_.both(packets, possible), old_.may_accept(path, state));
    add(all, {path, sets_.minus(passed, new_.accepts(path, state)), state, state,
              "was let through even where the other direction goes another way, and is refused"});
  }
}

std::vector<Breach> Rulesets::broken_flows() {
  std::vector<Breach> all;
  add_lost_bindings(all);
  add_side_work(all, true);
  add_side_work(all, false);
  add_reordered_entries(all);
  add_lost_expected(all);
  for (const Path path : all_paths) {
    const BoxList& first = flows_.permitted(path);
    add(all, {path, sets_.minus(first, new_.accepts(path, CtState::new_)), CtState::new_,
              CtState::new_, "begins a flow that was permitted, and is refused"});
    add_lost_never_tracked(all, path);
    const BoxList was =
        sets_.both(old_.may_accept(path, CtState::established), flows_.helpers_idle());
    const BoxList later =
        sets_.minus(sets_.both(flows_.continuing(path), was), flows_.refused_by_rate(path));
    const BoxList answers = sets_.both(flows_.answering(path), was);
    const BoxList alone = lonely(path);
    const BoxList as_before = alone.empty() ? alone : sets_.minus(alone, tracked_otherwise(path));
    add_lost_later(all, path, later, "goes on a flow that was permitted, and is refused",
                   as_before);
    add_lost_later(all, path, answers, "answers a flow that was permitted, and is refused",
                   as_before);
    add_lost_as_before(all, path, as_before);
    add_lost_by_halves(all, path);
    BoxList needed = sets_.both(sets_.both(flows_.errors(path), traffic_.needed_errors()),
                                old_.may_accept(path, CtState::related));
    needed = without_nobody(traffic_, sets_, sets_.both(needed, flows_.helpers_idle()));
    add(all,
        {path, sets_.minus(needed, new_.accepts(path, CtState::related)), CtState::related,
         CtState::related, "is an ICMP error about a flow that was permitted, and is refused"});
    add_lost_unseen_errors(all, path, needed);
    const bool stops_reassembly = old_.program().reassembles() && !new_.program().reassembles();
    if (stops_reassembly && has_fragments(path) && !has(Assumption::no_fragments)) {
      add_fragments(all, path, first);
      add_fragments(all, path, later);
      add_fragments(all, path, answers);
    }
  }
  add_one_way(all);
  add_lost_translated(all);
  add_answers_refused_early(all);
  add_parted_fragments(all);
  add_fragments_asked_for(all);
  return all;
}

// ICMPv6 that has no entry in either ruleset; its state is UNTRACKED, whichever is asked for.
void Rulesets::add_lost_never_tracked(std::vector<Breach>& all, Path path) {
  if (traffic_.version() == IpVersion::ipv4) return;
  Condition types;
  types.field = Field::icmp_type_code;
  types.values.assign(never_tracked_icmpv6.begin(), never_tracked_icmpv6.end());
  const BoxList packets = sets_.both(traffic_.of({types}), traffic_.protocol(ip_protocol::icmpv6));
  const BoxList was = sets_.both(judged(path, packets), old_.accepts(path, CtState::new_));
  add(all, {path, sets_.minus(was, new_.accepts(path, CtState::new_)), CtState::new_, CtState::new_,
            "is never tracked, was let through, and is refused"});
}

// First fragments, which rules meet now, and of which one of them asks.
void Rulesets::add_fragments_asked_for(std::vector<Breach>& all) {
  const bool stops = old_.program().reassembles() && !new_.program().reassembles();
  const bool is_asked = asks_about_fragments(old_.program().ruleset()) ||
                        asks_about_fragments(new_.program().ruleset());
  if (!stops || !is_asked || has(Assumption::no_fragments)) return;
  for (const Path path : {Path::in, Path::forward}) {
    if (!has_fragments(path)) continue;
    Breach open{path, old_.on_way(path), CtState::new_, CtState::new_,
                "may come in fragments, and a rule asks about the first one"};
    open.is_certain = false;
    add(all, std::move(open));
  }
}

// NOTRACK ahead of reassembly, where a rule sees each fragment alone.
void Rulesets::add_parted_fragments(std::vector<Breach>& all) {
  const bool is_new = untracks_fragments(new_.program()) && !untracks_fragments(old_.program());
  if (!is_new || has(Assumption::no_fragments)) return;
  for (const Path path : {Path::in, Path::forward}) {
    Breach parted{path, sets_.both(flows_.permitted(path), new_.untracked(path)), CtState::new_,
                  CtState::new_,
                  "may come in fragments, and is untracked in front of where they "
                  "are put together"};
    parted.is_certain = false;
    add(all, std::move(parted));
  }
}

// Accepted now in a state that it can have with no flow behind it, and refused before in one that
// it can have, or there is none.
BoxList Rulesets::newly_accepted(Path path) {
  const BoxList can_be_new = traffic_.can_be_new();
  const BoxList can_be_invalid = traffic_.can_be_invalid();
  const BoxList possible = sets_.either(can_be_new, can_be_invalid);
  BoxList now = new_.may_accept(path, CtState::new_);
  if (new_.program().tracks()) {
    now = sets_.either(sets_.both(now, can_be_new),
                       sets_.both(new_.may_accept(path, CtState::invalid), can_be_invalid));
  }
  if (!new_.program().reassembles()) {
    now = sets_.either(std::move(now), sets_.both(new_.may_accept(path, CtState::new_),
                                                  traffic_.later_fragments()));
  }
  now = sets_.minus(judged(path, std::move(now)), traffic_.telling_initiators());
  if (!has_fragments(path)) now = sets_.minus(now, traffic_.later_fragments());
  if (!old_.program().tracks()) return sets_.minus(now, old_.accepts(path, CtState::new_));
  BoxList gained = sets_.minus(now, possible);
  gained = sets_.either(std::move(gained), sets_.minus(sets_.both(now, can_be_new),
                                                       old_.accepts(path, CtState::new_)));
  return sets_.either(std::move(gained), sets_.minus(sets_.both(now, can_be_invalid),
                                                     old_.accepts(path, CtState::invalid)));
}

// The direction of permitted flows; of ICMP, whatever type, where any query is permitted.
BoxList Rulesets::own_direction(Path path) {
  const BoxList& flows = any_.flows(path);
  const BoxList queries = sets_.both(flows, traffic_.protocol(icmp_of(traffic_.version())));
  return sets_.either(flows, traffic_.without(queries, {Field::icmp_type_code}));
}

BoxList Rulesets::reject_answers(Path path) {
  if (path != Path::out) return {};
  BoxList resets = any_.reject_resets();
  if (!resets.empty()) {
    resets = sets_.either(
        std::move(resets),
        sets_.both(any_.answer_direction(path), traffic_.flags(tcp_flag::rst, tcp_flag::rst)));
  }
  return sets_.both(sets_.either(std::move(resets), any_.reject_errors()),
                    old_.may_accept(path, CtState::related));
}

std::vector<Breach> Rulesets::unjustified() {
  std::vector<Breach> all;
  for (const Exposed& row : exposed()) {
    if (row.kind != "unjustified") continue;
    add(all, {row.path, row.packets, CtState::new_, CtState::new_,
              "is accepted with no flow behind it, was not, and nothing that was permitted "
              "explains it"});
  }
  return all;
}

// In the order of docs/exposure.md's precedence: each kind takes of what is left. What nothing
// explains is "unjustified", whatever kind it looks like.
std::vector<Rulesets::Exposed> Rulesets::exposed() {
  std::vector<Exposed> list;
  const BoxList tcp = traffic_.protocol(ip_protocol::tcp);
  for (const Path path : all_paths) {
    BoxList rest = newly_accepted(path);
    if (rest.empty()) continue;
    const BoxList own = own_direction(path);
    const BoxList& answers = answerable_.answer_direction(path);
    const BoxList by_reject = reject_answers(path);
    BoxList justified = sets_.either(sets_.either(own, answers), any_.errors(path));
    if (!own.empty() || !answers.empty()) {
      justified = sets_.either(std::move(justified), traffic_.later_fragments());
    }
    justified = sets_.either(std::move(justified), by_reject);
    BoxList unexplained = sets_.minus(rest, justified);
    if (!unexplained.empty()) list.push_back({"unjustified", path, std::move(unexplained)});
    const auto take = [&](std::string_view kind, const BoxList& set) {
      BoxList here = sets_.both(rest, set);
      if (here.empty()) return;
      rest = sets_.minus(rest, here);
      list.push_back({kind, path, std::move(here)});
    };
    if (path != Path::forward) take("loopback", traffic_.loopback(path));
    take("fragments", traffic_.later_fragments());
    take("icmp-error",
         sets_.both(traffic_.related_errors(), sets_.either(any_.errors(path), by_reject)));
    take("odd-flags", sets_.minus(tcp, traffic_.valid_flags()));
    take("stray-segments", sets_.both(own, tcp));
    take("rst", sets_.both(sets_.either(answers, by_reject),
                           traffic_.flags(tcp_flag::rst, tcp_flag::rst)));
    take("ack-scan", sets_.both(answers, tcp));
    take("udp-reply-port", sets_.both(answers, traffic_.protocol(ip_protocol::udp)));
    take("echo-reply",
         sets_.both(sets_.both(answers, traffic_.protocol(icmp_of(traffic_.version()))),
                    traffic_.replies()));
    take("continuation", own);
    take("other-reply", answers);
    // What is left is told above.
  }
  return list;
}

bool Rulesets::leaves_some_untracked() {
  return std::ranges::any_of(all_paths, [&](Path path) { return !new_.untracked(path).empty(); });
}

std::vector<Breach> Rulesets::half_untracked() {
  std::vector<Breach> all;
  for (const Path path : all_paths) {
    const Path back = opposite(path);
    const BoxList here = untracked_on(path);
    const BoxList there = untracked_on(back);
    if (here.empty() && there.empty()) continue;
    const BoxList changed = tracked_otherwise(path);
    // Nothing is sent from a group, nor is an answer.
    const BoxList answers = sets_.minus(
        sets_.both(sets_.both(traffic_.replies(), old_.on_way(back)), traffic_.routed(back)),
        traffic_.from_groups());
    // Flows that are untracked, and of which some answer is not.
    BoxList half =
        sets_.both(sets_.both(flows_.flows(path), traffic_.to_one_host()), traffic_.flow_of(here));
    half = sets_.both(half, traffic_.mirrored(traffic_.flow_of(sets_.minus(answers, there))));
    half = sets_.both(half, changed);
    add(all, {path, sets_.both(half, here), CtState::new_, CtState::new_,
              "is untracked, and what answers it is tracked"});
    const BoxList goes_on =
        sets_.both(sets_.both(traffic_.continuations(), old_.on_way(path)), traffic_.routed(path));
    half = sets_.both(sets_.both(flows_.permitted(path), traffic_.to_one_host()),
                      sets_.minus(sets_.minus(goes_on, here), traffic_.from_groups()));
    half = sets_.both(half,
                      traffic_.mirrored(traffic_.flow_of(sets_.both(traffic_.replies(), there))));
    add(all, {path, sets_.both(half, changed), CtState::new_, CtState::new_,
              "is tracked, and what answers it is not"});
  }
  return all;
}

}  // namespace untrack::boxwise
