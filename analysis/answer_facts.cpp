// FlowSearch: flows without a way back, rules that no flow needs, and fragments that nothing lets
// pass.
#include <algorithm>
#include <array>

#include "analysis/facts.hpp"
#include "analysis/flow_search.hpp"
#include "analysis/flows/witness.hpp"
#include "analysis/packet/group_address.hpp"

namespace untrack {
namespace {

// UDP that nobody answers, or answers from another port or by ICMP: echo and discard (wake on LAN),
// TFTP (rfc1350), SNMP traps, syslog, RIP, heartbeat, HSRP, NetFlow, GLBP, IPFIX, VXLAN, corosync,
// Geneve, sFlow, netconsole, statsd, VXLAN of flannel, Ganglia, NetFlow, GELF, collectd, traceroute
// (IANA, service names and port numbers; the manuals of the programs).
constexpr Interval unanswered_ports[] = {
    {7, 7},       {9, 9},       {69, 69},       {162, 162},     {514, 514},    {520, 521},
    {694, 694},   {1985, 1985}, {2055, 2055},   {3222, 3222},   {4739, 4739},  {4789, 4789},
    {5404, 5405}, {6081, 6081}, {6343, 6343},   {6666, 6666},   {8125, 8125},  {8472, 8472},
    {8649, 8649}, {9995, 9996}, {12201, 12201}, {25826, 25826}, {33434, 33534}};

// UDP of no use without answers: DNS, Kerberos, portmapper, NTP, SNMP, CLDAP, QUIC, IKE, OpenVPN,
// RADIUS, NFS, STUN, IKE, SIP, WireGuard (as above).
constexpr Interval asked_ports[] = {{53, 53},     {88, 88},     {111, 111},   {123, 123},
                                    {161, 161},   {389, 389},   {443, 443},   {500, 500},
                                    {1194, 1194}, {1645, 1646}, {1812, 1813}, {2049, 2049},
                                    {3478, 3478}, {4500, 4500}, {5060, 5060}, {51820, 51820}};

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

bool tests_icmp_type(const Ruleset& ruleset, const Rule& rule) {
  return std::ranges::any_of(slice(ruleset.parts, rule.parts), [](const RulePart& part) {
    const auto* test = match_as<FieldTest>(part);
    return test != nullptr && test->field == Field::icmp_type_code;
  });
}

bool has_helper(const Ruleset& ruleset) {
  return std::ranges::any_of(ruleset.options, [](const OptionUse& option) {
    return option.row != nullptr && option.row->name == "helper";
  });
}

}  // namespace

Ref FlowSearch::pings() {
  const std::uint8_t request = icmp_queries(family_.version()).front().request;
  return world_.icmp_types({&request, 1});
}

// Destination ports of the range, as far as the rules tell them from others: a rule about all ports
// is not about these.
Ref FlowSearch::to_ports_within(const Interval& range) {
  const NumberDomain& domain = world_.layout().numbers(Field::destination_port);
  const auto [first, last] = domain.atoms_of(range);
  Ref all = Diagram::no;
  for (NumberDomain::Atom atom = first; atom <= last; ++atom) {
    const Interval values = domain.values_of(atom);
    if (values.first < range.first || values.last > range.last) continue;
    all = d_.disj(all, d_.interval(world_.layout().level_of(Field::destination_port), atom, atom));
  }
  return all;
}

// Flows that are of no use without answers.
Ref FlowSearch::asking() {
  if (asking_) return *asking_;
  Ref ports = Diagram::no;
  for (const Interval& some : asked_ports) ports = d_.disj(ports, to_ports_within(some));
  const Ref udp = d_.conj(ports, world_.protocol(ip_protocol::udp));
  asking_ = d_.disj(d_.disj(world_.protocol(ip_protocol::tcp), pings()), udp);
  return *asking_;
}

// Flows of which answers come from where they went.
Ref FlowSearch::answered() {
  if (answered_) return *answered_;
  Ref udp = world_.protocol(ip_protocol::udp);
  for (const Interval& ports : unanswered_ports) udp = d_.minus(udp, to_ports_within(ports));
  const Ref whole = world_.flow_of(d_.minus(client_ports(), world_.later_fragments()));
  const Ref others = d_.disj(world_.protocol(ip_protocol::tcp), pings());
  // Answers to multicast and broadcast come from elsewhere, if at all.
  answered_ = d_.minus(
      d_.conj(whole, d_.disj(others, udp)),
      world_.range(Field::destination_type, {address_type::broadcast, address_type::multicast}));
  return *answered_;
}

std::optional<FlowSearch::Refusal> FlowSearch::refusal_of(Path path, Ref answers) {
  // To follow a packet through a long list costs as much as to reason about all of them; nobody
  // looks at a thousand.
  constexpr std::size_t most_walked = 300'000;
  if (answers == Diagram::no) return std::nullopt;
  const auto is_refused = [](Decision decision) {
    return decision == Decision::drop || decision == Decision::reject;
  };
  if (walked_ < most_walked) {
    const auto judged = judge(path, answers, CtState::established);
    if (!judged || !is_refused(judged->as_it_is.decision)) return std::nullopt;
    return Refusal{judged->packet, judged->as_it_is.decided_by, judged->as_it_is.decided_in, true};
  }
  Layout::Example example = example_of(world_, path, answers);
  example.packet.state = CtState::established;
  const auto atoms = world_.layout().atoms_of(example.packet, example.free);
  const auto decision =
      static_cast<Decision>(d_.evaluate(world_.walk(FamilyWorld::as_it_is).decide(path), atoms));
  if (!is_refused(decision)) return std::nullopt;
  return Refusal{std::move(example.packet), {}, {}, false};
}

void FlowSearch::find_unanswered() {
  // By way: flows some of whose answers pass.
  std::array<std::optional<Ref>, 3> answered_flows;
  // By way: packets on it that answer something.
  std::array<std::optional<Ref>, 3> answers;
  for (const FlowClass& row : flows_.classes()) {
    const Path back = opposite(row.path);
    // A policy that accepts is how a chain begins, not what somebody asked for.
    if (!row.rule.names_something() || translates(row.path)) continue;
    // A rule for all of ICMP is there for its errors.
    const bool names_type = tests_icmp_type(ruleset(), ruleset()[row.rule]);
    const Ref flows = d_.conj(names_type ? row.flows : d_.minus(row.flows, pings()), answered());
    auto& back_here = answers[static_cast<std::size_t>(back)];
    if (!back_here) back_here = d_.conj(world_.replies(), world_.on_way(back));
    auto& passing = answered_flows[static_cast<std::size_t>(row.path)];
    if (!passing) {
      Ref passes = Diagram::no;
      for (const CtState state : {CtState::established, CtState::new_}) {
        passes = d_.disj(passes, world_.may_accept(FamilyWorld::as_it_is, back, state));
      }
      passing = world_.asking_for(d_.conj(passes, *back_here));
    }
    if (flows == Diagram::no || d_.intersects(flows, *passing)) continue;
    const Ref asked = d_.conj(flows, asking());
    const auto refusal = refusal_of(
        back, d_.conj(world_.mirrored(asked == Diagram::no ? flows : asked), *back_here));
    if (!refusal || is_of_no_host(refusal->packet[Field::source_address], family_.version()))
      continue;
    using Use = UnansweredFlows::Use;
    const Ref udp = world_.protocol(ip_protocol::udp);
    // To where a network of 256 addresses has its broadcast, time may be told, too.
    const bool is_broadcast = family_.version() == IpVersion::ipv4 &&
                              refusal->packet[Field::protocol] == ip_protocol::udp &&
                              refusal->packet[Field::source_address] % 256 == 255;
    const Use use = d_.implies(flows, asked) && !is_broadcast ? Use::none
                    : d_.implies(flows, udp)                  ? Use::one_way
                                                              : Use::datagrams;
    facts_.unanswered.push_back(
        {family_.version(), row.path, row.rule, row.chain, refusal->by, refusal->in,
         refusal->is_followed ? shown(refusal->packet) : std::string(), use});
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
  const auto state_level = world_.layout().level_of(Field::ct_state);
  for (const Path path : all_paths) {
    const Ref either = d_.disj(in_state(CtState::established), in_state(CtState::related));
    for (const RuleReach& row : reach(walk, path, either, {.wanted = wanted}).rules) {
      if (row.matches == Diagram::no || is_used[row.rule.index()]) continue;
      is_asked[row.rule.index()] = true;
      // Rules change no more of a packet than what is not asked here, translation aside.
      const Ref established =
          d_.fix(row.matches, state_level, Layout::atom_of(CtState::established));
      const Ref related = d_.fix(row.matches, state_level, Layout::atom_of(CtState::related));
      is_used[row.rule.index()] =
          translates(path) || d_.intersects(established, any_.flows(path)) ||
          d_.intersects(world_.asking_for(established), any_.flows(opposite(path))) ||
          d_.intersects(related, any_.errors(path));
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
    const Ref refused = d_.conj(d_.conj(world_.later_fragments(), world_.on_way(path)),
                                world_.decided(FamilyWorld::as_it_is, path, CtState::new_,
                                               {Decision::drop, Decision::reject}));
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
