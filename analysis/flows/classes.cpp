// Flows::classes: which rule admits which flows, and what untracking them would take.
#include <algorithm>
#include <map>
#include <utility>

#include "analysis/facts.hpp"
#include "analysis/flows/flows.hpp"
#include "analysis/packet/boxes.hpp"

namespace untrack {
namespace {

constexpr std::size_t summary_lines = 3;

}  // namespace

// The flows without what goes without saying: the source ports that the assumptions allow, and
// where routing leads. For their description only.
Ref Flows::said(Ref flows, const Usual& usual) {
  Diagram& d = world_.diagram();
  const auto without = [&](Field field, Ref all) {
    std::vector<bool> gone(d.level_count());
    gone[world_.layout().level_of(field)] = true;
    const Ref wider = d.exists(flows, gone);
    if (wider == flows) return;
    if (d.conj(wider, all) == flows) flows = wider;
  };
  without(Field::source_type, usual.leads_here);
  without(Field::destination_type, usual.leads_here);
  without(Field::source_port, usual.sources);
  return flows;
}

const Flows::Usual& Flows::usual(Path path) {
  auto& known = memo(path).usual;
  if (!known) {
    Diagram& d = world_.diagram();
    // Not of later fragments, which have no ports at all.
    Ref clients = d.minus(assumed_sources(path), world_.later_fragments());
    if (path == Path::out) clients = d.minus(clients, from_service_ports());
    const Ref sources = world_.flow_of(clients);
    const Ref leads_here = world_.flow_of(d.negate(d.where(
        world_.walk(program_).decide(path), static_cast<std::uint32_t>(Decision::elsewhere))));
    known = Usual{sources, leads_here};
  }
  return *known;
}

std::vector<std::string> Flows::summary_of(const FlowClass& flow_class) {
  const Path path = flow_class.path;
  const Ref flows = said(flow_class.flows, usual(path));
  return to_lines(cover(world_.diagram(), world_.layout(), flows, summary_lines), world_.layout(),
                  path);
}

const Flows::Refused& Flows::refused_without_state(Path path) {
  auto& known = memo(path).refused;
  if (known) return *known;
  Diagram& d = world_.diagram();
  const Path back = opposite(path);
  const Ref tcp_answers =
      d.minus(world_.protocol(ip_protocol::tcp), world_.flags(tcp_flag::ack | tcp_flag::rst, 0));
  const Ref other_answers = d.minus(world_.replies(), world_.protocol(ip_protocol::tcp));
  const Ref answers = d.minus(d.disj(tcp_answers, other_answers), world_.later_fragments());
  // A condition that refuses what has an entry, too, (a routing header) is no price; nor is what
  // routing leads another way.
  std::vector<bool> conditions(d.level_count());
  for (FreeId id = 0; id < world_.layout().free_count(); ++id) {
    conditions[world_.layout().level_of_free(id)] = true;
  }
  const auto lost = [&](Ref packets, Path way, CtState state) {
    const Ref passes = world_.may_accept(program_, way, state);
    const Ref by_condition = d.minus(d.exists(passes, conditions), passes);
    const Ref elsewhere = world_.decided(program_, way, state, {Decision::elsewhere});
    const Ref here = d.minus(d.conj(packets, world_.on_way(way)), elsewhere);
    return d.minus(d.minus(here, accepts_stateless(way)), by_condition);
  };
  const Ref refused = lost(answers, back, CtState::established);
  const Ref begins = world_.initiators(false, true);
  const Ref later = d.minus(world_.continuations(), begins);
  known = Refused{world_.mirrored(world_.flow_of(refused)),
                  world_.flow_of(lost(later, path, CtState::established)),
                  world_.asking_for_errors(lost(world_.errors(), back, CtState::related))};
  return *known;
}

FlowClass Flows::narrowed(const FlowClass& whole, Ref flows) {
  FlowClass part;
  part.path = whole.path;
  part.rule = whole.rule;
  part.chain = whole.chain;
  part.flows = flows;
  judge(part);
  return part;
}

void Flows::judge(FlowClass& flow_class) {
  Diagram& d = world_.diagram();
  for (std::size_t i = 0; i < bound_rules().size(); ++i) {
    const BoundRule& bound = bound_rules()[i];
    if (bound.path != flow_class.path || !d.intersects(flows_of_bound()[i], flow_class.flows)) {
      continue;
    }
    flow_class.need = Need::bound;
    flow_class.bound_by = bound;
    return;
  }
  if (auto rate = rate_of(flow_class.path, flow_class.flows)) {
    flow_class.need = Need::bound;
    flow_class.bound_by = rate;
    return;
  }
  const auto [unanswered, stray, error_gap] = refused_without_state(flow_class.path);
  const auto add = [&](ExposureKind kind, bool is_exposed) {
    if (is_exposed) flow_class.exposure.push_back(kind);
  };
  const Ref tcp = world_.protocol(ip_protocol::tcp);
  const Ref udp = world_.protocol(ip_protocol::udp);
  const Ref icmp = world_.protocol(icmp_of(world_.version()));
  const Ref open = d.conj(flow_class.flows, unanswered);
  const Ref strays = d.conj(flow_class.flows, stray);
  add(ExposureKind::stray_segments, d.intersects(strays, tcp));
  add(ExposureKind::ack_scan, d.intersects(open, tcp));
  add(ExposureKind::udp_reply_port, d.intersects(open, udp));
  add(ExposureKind::echo_reply, d.intersects(open, icmp));
  add(ExposureKind::icmp_error, d.intersects(flow_class.flows, error_gap));
  add(ExposureKind::other_reply, !d.implies(open, d.disj(d.disj(tcp, udp), icmp)));
  add(ExposureKind::continuation, !d.implies(strays, tcp));
  std::ranges::sort(flow_class.exposure);
  flow_class.need =
      std::ranges::all_of(flow_class.exposure, is_harmless) ? Need::free : Need::priced;
}

bool Flows::is_open(Path path) const {
  if (deciding_run(path)) return false;
  const Program& program = world_.walk(program_).program();
  const auto is_of_iptables = [&](const Table& table) {
    return table.language != Language::nft && ip_versions(table.family).has(program.version());
  };
  if (std::ranges::any_of(program.ruleset().tables, is_of_iptables)) return false;
  return std::ranges::any_of(all_paths,
                             [&](Path other) { return deciding_run(other).has_value(); });
}

const std::vector<FlowClass>& Flows::classes() {
  if (!classes_) classes_ = find_classes();
  return *classes_;
}

std::vector<FlowClass> Flows::find_classes() {
  Diagram& d = world_.diagram();
  const Ruleset& ruleset = world_.walk(program_).program().ruleset();
  std::vector<FlowClass> classes;
  for (const Path path : all_paths) {
    const auto run = deciding_run(path);
    if (!run && !is_open(path)) continue;
    // First of all, since it answers what the assumptions ask about some rules, too.
    (void)reach_of_first(path);
    std::vector<FlowClass> here;
    std::map<std::pair<RuleId, ChainId>, std::size_t> places;
    // Behind DNAT a packet no longer has the addresses with which it entered.
    const bool is_translated = std::ranges::any_of(bound_rules(), [&](const BoundRule& bound) {
      return bound.path == path && ruleset[ruleset[bound.rule].chain].base &&
             ruleset[ruleset[bound.rule].chain].base->type == ChainType::nat;
    });
    const Ref allowed = is_translated
                            ? world_.flow_of(d.conj(assumed_sources(path), assumed_protocols(path)))
                            : this->flows(path);
    const auto add = [&](RuleId rule, ChainId chain, Ref packets) {
      if (packets == Diagram::no) return;
      // Loopback is this host talking to itself: nothing comes in from outside by it.
      const Ref flows = d.minus(d.conj(world_.flow_of(packets), allowed), world_.loopback(path));
      if (flows == Diagram::no) return;
      const auto [at, is_new] = places.try_emplace({rule, chain}, here.size());
      if (!is_new) {
        here[at->second].flows = d.disj(here[at->second].flows, flows);
        return;
      }
      FlowClass flow_class;
      flow_class.path = path;
      flow_class.rule = rule;
      flow_class.chain = chain;
      flow_class.flows = flows;
      here.push_back(std::move(flow_class));
    };
    if (!run) add({}, {}, permitted(path));
    for (const RuleReach& row : reach_of_first(path).rules) {
      if (run && row.run == *run && accepts(ruleset, ruleset[row.rule])) {
        add(row.rule, row.chain, row.matches);
      }
    }
    for (const PolicyReach& row : reach_of_first(path).policies) {
      if (run && row.run == *run && ruleset[row.chain].base->policy == Policy::accept) {
        add({}, row.chain, row.reaches);
      }
    }
    for (FlowClass& flow_class : here) {
      judge(flow_class);
      classes.push_back(std::move(flow_class));
    }
  }
  return classes;
}

}  // namespace untrack
