#include "analysis/recheck/flows.hpp"

#include <algorithm>

#include "analysis/program/deeds.hpp"
#include "analysis/program/service_ports.hpp"
#include "analysis/program/translated_status.hpp"
#include "analysis/recheck/bound.hpp"
#include "analysis/recheck/from_nobody.hpp"

namespace untrack::boxwise {
namespace {

// Services that may be asked from the port on which they answer (docs/assumptions.md).
constexpr Number one_port_services[] = {67, 68, 123, 137, 138, 500, 4500, 5353};
constexpr Number dns = 53;
constexpr Number ftp_data = 20;

bool holds_one_of(const Interval& range, std::span<const Number> values) {
  return std::ranges::any_of(
      values, [&](Number value) { return value >= range.first && value <= range.last; });
}

bool only_untracks_here(const Ruleset& ruleset, const Rule& rule) {
  return std::ranges::any_of(slice(ruleset.parts, rule.parts), [](const RulePart& part) {
    const auto* statement = std::get_if<Statement>(&part.what);
    return statement != nullptr && std::holds_alternative<NotrackStatement>(*statement);
  });
}

}  // namespace

BoxList PermittedFlows::first_packets() const {
  return sets_.both(
      traffic_.initiators(!has(Assumption::no_midstream), !has(Assumption::echo_only)),
      untranslated());
}

// Every test of the rule that is about such fields has to leave room for such a value.
bool PermittedFlows::names(RuleId id, Names what) const {
  const Ruleset& ruleset = walk_.program().ruleset();
  const Rule& rule = ruleset[id];
  const bool is_source = what == Names::source_port || what == Names::few_source_ports;
  if (is_source && only_untracks_here(ruleset, rule)) return false;
  bool names_one = false;
  bool leaves_some = true;
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* match = std::get_if<Match>(&part.what);
    const auto* test = match == nullptr ? nullptr : std::get_if<FieldTest>(match);
    if (test == nullptr || test->negated) continue;
    const auto values = slice(ruleset.intervals, test->values);
    const bool is_either = test->field == Field::either_port;
    switch (what) {
      case Names::source_port:
        names_one = names_one || is_either || test->field == Field::source_port;
        break;
      case Names::few_source_ports:
        if (!is_either && test->field != Field::source_port) break;
        names_one = true;
        leaves_some = leaves_some && std::ranges::all_of(values, is_one_by_one);
        break;
      case Names::special_port:
        if (!is_either && test->field != Field::destination_port) break;
        names_one = true;
        leaves_some =
            leaves_some && (is_either || std::ranges::any_of(values, [](const auto& range) {
                              return holds_one_of(range, one_port_services) ||
                                     holds_one_of(range, std::span(&dns, 1));
                            }));
        break;
      case Names::other_protocol:
        if (test->field != Field::protocol) break;
        names_one = true;
        leaves_some =
            leaves_some && std::ranges::any_of(values, [&](const Interval& range) {
              return range.first != range.last ||
                     (range.first != ip_protocol::tcp && range.first != ip_protocol::udp &&
                      range.first != icmp_of(traffic_.version()));
            });
        break;
    }
  }
  return names_one && leaves_some;
}

BoxList PermittedFlows::named(Path path, Names what, const BoxList& within) {
  BoxList start = sets_.both(first_packets(), walk_.on_way(path));
  // Of packets that are translated the rule sees what they have become.
  if (!walk_.translates()) start = sets_.both(start, within);
  BoxList all;
  for (auto& [rule, list] :
       walk_.matched(path, CtState::new_, start, [&](RuleId id) { return names(id, what); })) {
    all = sets_.either(std::move(all), list);
  }
  return traffic_.flow_of(sets_.both(all, within));
}

BoxList PermittedFlows::listed(bool with_source_alone) const {
  BoxList all;
  if (!assumptions_.outbound) return all;
  for (const OutboundFlow& flow : assumptions_.outbound->flows) {
    if (!flow.counts_for(traffic_.version())) continue;
    if (with_source_alone && flow.from.empty()) continue;
    std::vector<Condition> list;
    const auto among = [&](Field field, const std::vector<Interval>& values) {
      if (values.empty()) return;
      Condition condition;
      condition.field = field;
      condition.values = values;
      list.push_back(std::move(condition));
    };
    among(Field::destination_address, flow.peers(traffic_.version()));
    if (flow.protocol == ip_protocol::icmp) {
      const Number echo = icmp_queries(traffic_.version()).front().request;
      const BoxList queries = flow.is_echo ? traffic_.icmp_types({echo})
                                           : traffic_.protocol(icmp_of(traffic_.version()));
      all = sets_.either(std::move(all), sets_.both(queries, traffic_.of(list)));
      continue;
    }
    list.push_back(equals(Field::protocol, flow.protocol));
    among(Field::destination_port, flow.ports);
    among(Field::source_port, flow.from);
    all = sets_.either(std::move(all), traffic_.of(list));
  }
  return all;
}

const BoxList& PermittedFlows::assumed_sources(Path path) {
  const auto known = sources_.find(path);
  if (known != sources_.end()) return known->second;
  if (!has(Assumption::client_ports)) return sources_[path] = traffic_.all();
  BoxList special = traffic_.of(
      {equals(Field::destination_port, dns), in_range(Field::source_port, {1024, 65535})});
  for (const Number port : one_port_services) {
    special = sets_.either(
        std::move(special),
        traffic_.of({equals(Field::protocol, ip_protocol::udp), equals(Field::source_port, port),
                     equals(Field::destination_port, port)}));
  }
  BoxList sources = traffic_.in(
      Field::source_port, path == Path::out ? assumptions_.host_ports : assumptions_.other_ports);
  sources = sets_.either(std::move(sources), named(path, Names::special_port, special));
  if (path == Path::out) {
    sources = sets_.either(std::move(sources), sets_.both(special, listed()));
    sources = sets_.either(std::move(sources), listed(true));
  }
  sources = sets_.either(std::move(sources), sets_.minus(traffic_.all(), traffic_.with_ports()));
  const BoxList others = sets_.minus(traffic_.all(), sources);
  sources = sets_.either(std::move(sources), named(path, Names::source_port, others));
  return sources_[path] = std::move(sources);
}

BoxList PermittedFlows::from_own_port() const {
  BoxList all;
  for (const Number port : one_port_services) {
    all = sets_.either(std::move(all), traffic_.of({equals(Field::source_port, port),
                                                    equals(Field::destination_port, port)}));
  }
  return all;
}

// No client sends from there, but where something names these ports as those to send from.
BoxList PermittedFlows::from_service_ports() {
  if (!has(Assumption::service_ports)) return {};
  Condition ports;
  ports.field = Field::source_port;
  ports.values = service_ports(ruleset(), traffic_.version(), assumptions_.host_ports).few;
  if (ports.values.empty()) return {};
  const BoxList all =
      sets_.minus(traffic_.of({equals(Field::protocol, ip_protocol::udp), ports}), from_own_port());
  return sets_.minus(all,
                     sets_.either(named(Path::out, Names::few_source_ports, all), listed(true)));
}

BoxList PermittedFlows::to_services() const {
  if (!has(Assumption::service_ports)) return {};
  Condition ports;
  ports.field = Field::destination_port;
  ports.values = service_ports(ruleset(), traffic_.version(), assumptions_.host_ports).all;
  if (ports.values.empty()) return {};
  const BoxList answers =
      sets_.either(from_own_port(), traffic_.mirrored(traffic_.flow_of(listed(true))));
  return sets_.minus(traffic_.of({equals(Field::protocol, ip_protocol::udp), ports}), answers);
}

BoxList PermittedFlows::assumed_protocols(Path path) {
  if (!has(Assumption::tcp_udp_icmp_only)) return traffic_.all();
  Condition usual = equals(Field::protocol, ip_protocol::tcp);
  for (const Number number : {Number{ip_protocol::udp}, Number{icmp_of(traffic_.version())}}) {
    usual.values.push_back({number, number});
  }
  BoxList all = traffic_.of({usual});
  usual.outside = true;
  if (path == Path::out) all = sets_.either(std::move(all), listed());
  return sets_.either(std::move(all), named(path, Names::other_protocol, traffic_.of({usual})));
}

BoxList PermittedFlows::assumed_to_start(Path path) {
  if (path != Path::out || !has(Assumption::outbound_profile)) return traffic_.all();
  const BoxList others = sets_.minus(traffic_.all(), traffic_.initiators(false, true));
  return sets_.either(sets_.either(listed(), traffic_.loopback(path)), others);
}

const BoxList& PermittedFlows::permitted(Path path) {
  const auto known = permitted_.find(path);
  if (known != permitted_.end()) return known->second;
  BoxList all = sets_.both(walk_.may_accept(path, CtState::new_), first_packets());
  all = sets_.both(all, assumed_protocols(path));
  all = sets_.both(all, assumed_sources(path));
  if (path == Path::out) all = sets_.minus(all, from_service_ports());
  all = sets_.both(all, assumed_to_start(path));
  all = sets_.both(all, helpers_idle());
  return permitted_[path] = std::move(all);
}

const BoxList& PermittedFlows::flows(Path path) {
  const auto known = flows_.find(path);
  if (known != flows_.end()) return known->second;
  return flows_[path] = traffic_.flow_of(permitted(path));
}

BoxList PermittedFlows::continuing(Path path) {
  return sets_.both(flows(path), traffic_.continuations());
}

const BoxList& PermittedFlows::answer_direction(Path path) {
  const auto known = answer_direction_.find(path);
  if (known != answer_direction_.end()) return known->second;
  return answer_direction_[path] = traffic_.mirrored(flows(opposite(path)));
}

BoxList PermittedFlows::answering(Path path) {
  return sets_.minus(sets_.both(answer_direction(path), traffic_.replies()),
                     traffic_.from_groups());
}

const BoxList& PermittedFlows::errors(Path path) {
  const auto known = errors_.find(path);
  if (known != errors_.end()) return known->second;
  const BoxList about = traffic_.errors_about(path, [&](Path way) { return flows(way); });
  return errors_[path] = sets_.both(about, traffic_.related_errors());
}

// What looks like a first packet, and is refused by a rate while it passes at another time.
BoxList PermittedFlows::refused_by_rate(Path path) {
  const BoxList tcp_and_pings = sets_.either(traffic_.protocol(ip_protocol::tcp),
                                             traffic_.protocol(icmp_of(traffic_.version())));
  BoxList rated;
  if (has(Assumption::rate_per_packet)) rated = tcp_and_pings;
  if (has(Assumption::rate_per_datagram)) {
    rated = sets_.either(std::move(rated), sets_.minus(traffic_.all(), tcp_and_pings));
  }
  if (rated.empty()) return {};
  const BoxList& accepted = walk_.may_accept(path, CtState::new_);
  const BoxList at_times = sets_.minus(traffic_.without_rates(accepted), accepted);
  return sets_.both(sets_.both(at_times, rated), traffic_.initiators(false, true));
}

BoxList PermittedFlows::helpers_idle() const {
  if (!has(Assumption::helpers_unused)) return traffic_.all();
  const Program& program = walk_.program();
  BoxList idle = traffic_.all();
  for (std::uint32_t part = 0; part < ruleset().parts.size(); ++part) {
    if (program.kind(part) != PartKind::free_test) continue;
    if (!asks_for_helper(ruleset(), ruleset().parts[part].construct)) continue;
    Condition matches;
    matches.on = Condition::On::free;
    matches.free = program.variable(part);
    idle = sets_.minus(idle, traffic_.of({matches}));
  }
  return idle;
}

BoxList PermittedFlows::untranslated() const {
  const Program& program = walk_.program();
  BoxList all = traffic_.all();
  const auto never = [&](FreeId id) {
    Condition holds;
    holds.on = Condition::On::free;
    holds.free = id;
    all = sets_.minus(all, traffic_.of({holds}));
  };
  for (const CtState status : {CtState::snat, CtState::dnat}) {
    const FreeId id = program.status_variable(status);
    if (id != no_free_variable && !may_translate(ruleset(), program.version(), status)) never(id);
  }
  for (std::uint32_t part = 0; part < ruleset().parts.size(); ++part) {
    const bool is_free = program.kind(part) == PartKind::free_test;
    if (is_free && asks_in_vain(ruleset(), program.version(), ruleset().parts[part]))
      never(program.variable(part));
  }
  return all;
}

const BoxWalk::Matched& PermittedFlows::bound(Path path) {
  const auto known = bound_.find(path);
  if (known != bound_.end()) return known->second;
  const auto binds = [&](RuleId id) { return !bindings_of(ruleset(), id).empty(); };
  const bool has_any = std::ranges::any_of(ruleset().chains, [&](const Chain& chain) {
    return std::ranges::any_of(chain.rules, binds);
  });
  if (!has_any) return bound_[path];
  const BoxList start = sets_.both(first_packets(), walk_.on_way(path));
  BoxWalk::Matched found =
      walk_.matched(path, CtState::new_, start, binds, BoxWalk::Asks::but_of_entries);
  // What comes in over lo has its entry from its way out: zones and helpers are not given again.
  for (auto& [rule, packets] : found) {
    const auto bindings = bindings_of(ruleset(), RuleId(rule));
    const bool is_of_templates = std::ranges::all_of(
        bindings, [&](ConstructId id) { return gives_template(ruleset(), id); });
    if (path == Path::in && is_of_templates) {
      packets = sets_.minus(packets, traffic_.loopback(path));
    }
  }
  return bound_[path] = std::move(found);
}

// What a helper expects is said inside of what it reads: it may go anywhere. Whoever begins it does
// so from a port of his own choice, but for the data of active FTP (rfc959).
const BoxList& PermittedFlows::expected(Path path) {
  const auto known = expected_.find(path);
  if (known != expected_.end()) return known->second;
  if (has(Assumption::helpers_unused)) return expected_[path];
  const bool has_helper = std::ranges::any_of(all_paths, [&](Path way) {
    return std::ranges::any_of(bound(way), [&](const auto& row) {
      return std::ranges::any_of(bindings_of(ruleset(), RuleId(row.first)),
                                 [&](ConstructId id) { return assigns_helper(ruleset(), id); });
    });
  });
  if (!has_helper) return expected_[path];
  const BoxList active_ftp = traffic_.of(
      {equals(Field::protocol, ip_protocol::tcp), equals(Field::source_port, ftp_data)});
  BoxList all = sets_.both(walk_.may_accept(path, CtState::related),
                           sets_.minus(traffic_.initiators(false, false),
                                       traffic_.protocol(icmp_of(traffic_.version()))));
  all = sets_.both(sets_.both(all, walk_.on_way(path)), assumed_protocols(path));
  all = sets_.both(all, sets_.either(assumed_sources(path), active_ftp));
  return expected_[path] = without_nobody(traffic_, sets_, std::move(all));
}

BoxList PermittedFlows::rejected(Path path, bool by_reset) {
  const Ruleset& ruleset = walk_.program().ruleset();
  const auto is_wanted = [&](RuleId id) {
    return std::ranges::any_of(slice(ruleset.parts, ruleset[id].parts), [&](const RulePart& part) {
      const auto* statement = std::get_if<Statement>(&part.what);
      const auto* reject = statement == nullptr ? nullptr : std::get_if<RejectStatement>(statement);
      return reject != nullptr && reject->with.starts_with("tcp") == by_reset;
    });
  };
  const bool has_any = std::ranges::any_of(ruleset.chains, [&](const Chain& chain) {
    return std::ranges::any_of(chain.rules, is_wanted);
  });
  if (!has_any) return {};
  BoxList all;
  const BoxList on_way = walk_.on_way(path);
  for (const CtState state : {CtState::new_, CtState::established}) {
    const BoxList start =
        state == CtState::new_ ? sets_.both(on_way, traffic_.can_be_new()) : on_way;
    for (auto& [rule, list] : walk_.matched(path, state, start, is_wanted)) {
      all = sets_.either(std::move(all), list);
    }
  }
  return traffic_.flow_of(all);
}

const BoxList& PermittedFlows::reject_resets() {
  if (reject_resets_) return *reject_resets_;
  const BoxList refused = sets_.either(rejected(Path::in, true), rejected(Path::forward, true));
  const BoxList back = traffic_.without(traffic_.mirrored(refused), {Field::in_interface});
  const BoxList resets = traffic_.flags(tcp_flag::rst, tcp_flag::rst);
  reject_resets_ = sets_.both(sets_.both(back, resets), walk_.on_way(Path::out));
  return *reject_resets_;
}

const BoxList& PermittedFlows::reject_errors() {
  if (reject_errors_) return *reject_errors_;
  const BoxList refused = sets_.either(rejected(Path::in, false), rejected(Path::forward, false));
  const BoxList back = traffic_.without(traffic_.errors_to_source(refused), {Field::in_interface});
  const Number unreachable = traffic_.version() == IpVersion::ipv4 ? 3 : 1;
  reject_errors_ =
      sets_.both(sets_.both(back, traffic_.icmp_types({unreachable})), walk_.on_way(Path::out));
  return *reject_errors_;
}

}  // namespace untrack::boxwise
