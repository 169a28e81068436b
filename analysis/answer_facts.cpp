// FlowSearch: flows without a way back, rules that no flow needs, and fragments that nothing lets
// pass.
#include <algorithm>
#include <array>

#include "analysis/facts.hpp"
#include "analysis/flow_search.hpp"
#include "analysis/packet/packet_text.hpp"

namespace untrack {
namespace {

// UDP that nobody answers, or answers from another port: discard, TFTP (rfc1350), SNMP traps,
// syslog, RIP, statsd, NetFlow, IPFIX, sFlow, VXLAN, Geneve (IANA, service names and port numbers).
constexpr std::uint16_t unanswered_ports[] = {9,    69,   162,  514,  520,  521,  2055,
                                              4739, 4789, 6081, 6343, 8125, 9995, 9996};

// The accept of ESTABLISHED, or of it and RELATED, and of no other state.
const StateTest* answers_test(const Ruleset& ruleset, const Rule& rule) {
  if (!accepts(ruleset, rule)) return nullptr;
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* test = match_as<StateTest>(part);
    if (test == nullptr || test->negated || !test->states.has(CtState::established)) continue;
    for (const CtState other :
         {CtState::new_, CtState::invalid, CtState::untracked, CtState::snat, CtState::dnat}) {
      if (test->states.has(other)) return nullptr;
    }
    return test;
  }
  return nullptr;
}

// Multicast, and in IPv4 what lies above it, the limited broadcast among them.
bool is_group(Number address, IpVersion version) {
  return version == IpVersion::ipv4 ? address >= 0xe0000000 : address >> 120 == 0xff;
}

bool has_helper(const Ruleset& ruleset) {
  return std::ranges::any_of(ruleset.options, [](const OptionUse& option) {
    return option.row != nullptr && option.row->name == "helper";
  });
}

}  // namespace

// Of flows, those of which answers come from where they went.
Ref FlowSearch::answered(Ref flows) {
  Ref udp = world_.protocol(ip_protocol::udp);
  for (const Number port : unanswered_ports) {
    udp = d_.minus(udp, world_.range(Field::destination_port, {port, port}));
  }
  const Ref whole = world_.flow_of(d_.minus(client_ports(), world_.later_fragments()));
  flows = d_.conj(flows, d_.conj(whole, d_.disj(world_.protocol(ip_protocol::tcp), udp)));
  // Answers to multicast and broadcast come from elsewhere, if at all: RTN_BROADCAST to
  // RTN_MULTICAST, linux/rtnetlink.h.
  return d_.minus(flows, world_.range(Field::destination_type, {3, 5}));
}

void FlowSearch::find_unanswered() {
  for (const FlowClass& row : flows_.classes()) {
    const Path back = opposite(row.path);
    // A policy that accepts is how a chain begins, not what somebody asked for.
    if (!row.rule.names_something() || translates(row.path)) continue;
    const Ref flows = answered(row.flows);
    const Ref answers =
        d_.conj(d_.conj(world_.mirrored(flows), world_.replies()), world_.on_way(back));
    Ref passes = Diagram::no;
    for (const CtState state : {CtState::established, CtState::new_}) {
      passes = d_.disj(passes, world_.may_accept(FamilyWorld::as_it_is, back, state));
    }
    if (d_.intersects(answers, passes)) continue;
    const auto judged = judge(back, answers, CtState::established);
    if (!judged || (judged->as_it_is.decision != Decision::drop &&
                    judged->as_it_is.decision != Decision::reject)) {
      continue;
    }
    if (is_group(judged->packet[Field::source_address], family_.version())) continue;
    facts_.unanswered.push_back({family_.version(), row.path, row.rule, row.chain,
                                 judged->as_it_is.decided_by, judged->as_it_is.decided_in,
                                 to_text(judged->packet)});
  }
}

void FlowSearch::find_unused_established() {
  const Program& program = family_.program();
  if (!program.tracks() || has_helper(ruleset())) return;
  SymbolicWalk& walk = world_.walk(FamilyWorld::as_it_is);
  const auto in_state = [&](CtState state) {
    const auto atom = Layout::atom_of(state);
    return d_.interval(world_.layout().level_of(Field::ct_state), atom, atom);
  };
  // By RuleId: some packet could match it, some packet of a permitted flow could.
  std::vector<bool> is_asked(ruleset().rules.size());
  std::vector<bool> is_used(ruleset().rules.size());
  const RuleSet wanted = rules_where(
      ruleset(), [&](const Rule& rule) { return answers_test(ruleset(), rule) != nullptr; });
  for (const Path path : all_paths) {
    const Ref either = d_.disj(in_state(CtState::established), in_state(CtState::related));
    for (const RuleReach& row : reach(walk, path, either, {.wanted = wanted}).rules) {
      if (row.matches == Diagram::no) continue;
      is_asked[row.rule.index()] = true;
      if (translates(path)) is_used[row.rule.index()] = true;
    }
    // One after the other: together they would be a relation and its transposition in one diagram.
    const Ref established = in_state(CtState::established);
    for (const Ref of_some :
         {d_.conj(any_.flows(path), established), d_.conj(any_.answer_direction(path), established),
          d_.conj(any_.errors(path), in_state(CtState::related))}) {
      for (const RuleReach& row : reach(walk, path, of_some, {.wanted = wanted}).rules) {
        if (row.matches != Diagram::no) is_used[row.rule.index()] = true;
      }
    }
  }
  for (std::size_t i = 0; i < ruleset().rules.size(); ++i) {
    const Rule& rule = ruleset().rules[i];
    if (!is_asked[i] || is_used[i] || !wanted[i]) continue;
    if (ip_versions(ruleset().table_of(rule).family) != IpVersions(family_.version())) continue;
    facts_.unused_established.emplace_back(i);
  }
}

void FlowSearch::find_lost_fragments() {
  const Program& program = family_.program();
  if (program.reassembles()) return;
  std::vector<bool> gone(d_.level_count());
  for (const Field field : {Field::source_port, Field::destination_port, Field::icmp_type_code,
                            Field::tcp_flags, Field::later_fragment, Field::length}) {
    gone[world_.layout().level_of(field)] = true;
  }
  for (const Path path : {Path::in, Path::forward}) {
    // In front of INPUT the stack of IPv4 puts them together itself.
    if (path == Path::in && family_.version() == IpVersion::ipv4) continue;
    const auto run = flows_.deciding_run(path);
    if (!run) continue;
    const Ref refused = d_.conj(
        d_.conj(world_.later_fragments(), world_.on_way(path)),
        d_.disj(world_.decided(FamilyWorld::as_it_is, path, CtState::new_, Decision::drop),
                world_.decided(FamilyWorld::as_it_is, path, CtState::new_, Decision::reject)));
    const Ref may_pass = in_some_outcome(d_.conj(
        world_.later_fragments(), world_.may_accept(FamilyWorld::as_it_is, path, CtState::new_)));
    LostFragments lost{family_.version(), path, {}, 0};
    for (const RuleReach& row : flows_.reach_of_first(path).rules) {
      const Rule& rule = ruleset()[row.rule];
      if (row.run != *run || !accepts(ruleset(), rule)) continue;
      // TCP finds the size that fits; datagrams are cut.
      const Ref datagrams =
          d_.disj(world_.protocol(ip_protocol::udp), world_.protocol(icmp_of(family_.version())));
      const Ref first = d_.conj(row.matches, d_.minus(datagrams, world_.loopback(path)));
      if (first == Diagram::no) continue;
      const Ref later = d_.conj(d_.exists(first, gone), world_.later_fragments());
      if (d_.implies(d_.conj(later, refused), may_pass)) continue;
      if (lost.rule.names_something()) {
        ++lost.more;
      } else {
        lost.rule = row.rule;
      }
    }
    if (lost.rule.names_something()) facts_.fragments.push_back(lost);
  }
}

}  // namespace untrack
