#include "analysis/flows/world.hpp"

#include <algorithm>
#include <array>

#include "analysis/flows/order_candidates.hpp"
#include "analysis/packet/sent.hpp"
#include "analysis/program/service_ports.hpp"
#include "analysis/walk/run_reaches.hpp"
#include "model/catalog/one_port_services.hpp"

namespace untrack {
namespace {

using namespace tcp_flag;

// PSH, ECE and CWR aside (tcp_valid_flags, nf_conntrack_proto_tcp.c, 6.1).
constexpr std::uint8_t looked_at = fin | syn | rst | ack | urg;
constexpr std::uint8_t valid_combinations[] = {
    syn, syn | urg, syn | ack, rst, rst | ack, fin | ack, fin | ack | urg, ack, ack | urg};

constexpr std::uint8_t needed_errors_v4[] = {3, 11, 12};
constexpr std::uint8_t needed_errors_v6[] = {1, 2, 3, 4};
// icmp_error_message (nf_conntrack_proto_icmp.c, 6.1).
constexpr std::uint8_t related_errors_v4[] = {3, 4, 5, 11, 12};

// Operations go as deep into the stack as there are levels, some hundred bytes each.
bool has_too_many_levels(std::span<const Program* const> programs) {
  constexpr std::size_t most_variables = 10'000;
  return programs.front()->variables().size() > most_variables;
}

}  // namespace

Distinctions World::distinctions(IpVersion version, const Assumptions& assumptions) {
  Distinctions d;
  for (const std::uint8_t flags : valid_combinations) {
    d.flags.push_back(flags_where(looked_at, flags));
  }
  d.flags.push_back(flags_where(ack | rst, 0));
  d.flags.push_back(flags_where(rst, rst));
  d.flags.push_back(flags_where(syn | ack | rst | fin, syn));
  d.flags.push_back(flags_where(syn | ack | rst | fin, ack));
  for (const Interval& ports :
       {Interval{1024, 65535}, Interval{32768, 60999}, Interval{53, 53}, Interval{20, 20}}) {
    d.ranges.emplace_back(Field::source_port, ports);
  }
  for (const Number port : catalog::symmetric_ports()) {
    d.ranges.emplace_back(Field::source_port, Interval{port, port});
  }
  const auto errors = version == IpVersion::ipv4 ? std::span<const std::uint8_t>(related_errors_v4)
                                                 : std::span<const std::uint8_t>(needed_errors_v6);
  for (const std::uint8_t type : errors) {
    d.ranges.emplace_back(Field::icmp_type_code,
                          Interval{Number{type} * 256, Number{type} * 256 + 255});
  }
  d.ranges.emplace_back(Field::source_port, assumptions.host_ports);
  d.ranges.emplace_back(Field::source_port, assumptions.other_ports);
  if (assumptions.outbound) {
    for (const OutboundFlow& flow : assumptions.outbound->flows) {
      d.ranges.emplace_back(Field::protocol, Interval{flow.protocol, flow.protocol});
      for (const Interval& port : flow.from) d.ranges.emplace_back(Field::source_port, port);
      for (const Interval& port : flow.ports) {
        d.ranges.emplace_back(Field::destination_port, port);
      }
      for (const Interval& peer : flow.peers(version)) {
        d.ranges.emplace_back(Field::destination_address, peer);
      }
    }
  }
  return d;
}

std::unique_ptr<World> World::make(std::span<const Program* const> programs,
                                   const Assumptions& assumptions, const DiagramLimits& limits,
                                   const Distinctions& also, std::span<const Order> preferred) {
  if (has_too_many_levels(programs)) return nullptr;
  const Program& original = *programs.front();
  Distinctions apart = distinctions(original.version(), assumptions);
  for (const Interval& ports :
       service_ports(original.ruleset(), original.version(), assumptions.host_ports).all) {
    apart.ranges.emplace_back(Field::source_port, ports);
  }
  apart.ranges.insert(apart.ranges.end(), also.ranges.begin(), also.ranges.end());
  apart.flags.insert(apart.flags.end(), also.flags.begin(), also.flags.end());
  apart.names.insert(apart.names.end(), also.names.begin(), also.names.end());
  // No order is good for all rulesets, and a bad one shows early: each gets a small budget, then
  // all of them a larger one. The work is at most a few times that of the best order. With less
  // than some steps for a rule, no order gets to the end; the best one mostly does with a hundred,
  // which are worth to be tried at once, as long as three failures do not cost much.
  constexpr std::size_t steps_of_a_rule = 30;
  constexpr std::size_t mostly_enough = 100;
  constexpr std::size_t cheap = 2'000'000;
  std::size_t rules = 0;
  for (const Program* program : programs) rules += program->ruleset().rules.size();
  const std::size_t first = std::max(
      {std::size_t{300'000}, rules * steps_of_a_rule, std::min(rules * mostly_enough, cheap)});
  const std::size_t least = least_steps(programs);
  // Those that were chosen for their reasons.
  const std::size_t of_preferred = 2 * first;
  for (const Order order : preferred) {
    if (least > of_preferred) break;
    if (auto world = in_order(programs, apart, order, {limits.nodes, of_preferred})) {
      world->diagram_->allow(limits);
      return world;
    }
  }
  std::size_t most = first;
  while (most * 6 < limits.steps) most *= 6;
  const std::vector<OrderCandidate> orders = order_candidates(programs, apart, most);
  for (std::size_t budget = first; budget < limits.steps; budget *= 6) {
    if (least > budget) continue;
    for (const OrderCandidate& candidate : orders) {
      // The whole mostly takes a half more than its sample said (100,000 addresses: 1.6 times).
      if (candidate.least + candidate.least / 2 > budget) continue;
      const bool has_failed = budget <= of_preferred &&
                              std::ranges::find(preferred, candidate.order) != preferred.end();
      if (has_failed) continue;
      auto world = in_order(programs, apart, candidate.order, {limits.nodes, budget});
      if (world == nullptr) continue;
      world->diagram_->allow(limits);
      return world;
    }
  }
  return nullptr;
}

std::span<const Order> World::orders_for(const Ruleset& original) {
  constexpr std::size_t large = 500;  // rules
  static constexpr std::array best = {Order::kind_first, Order::service_first};
  return original.rules.size() < large ? std::span<const Order>() : best;
}

std::unique_ptr<World> World::in_order(std::span<const Program* const> programs,
                                       const Distinctions& apart, Order order,
                                       const DiagramLimits& limits,
                                       std::span<const RuleSet> rules) {
  if (has_too_many_levels(programs)) return nullptr;
  std::unique_ptr<World> world(new World());
  world->rules_.assign(rules.begin(), rules.end());
  world->layout_ = std::make_unique<Layout>(programs, apart, order, world->rules_);
  world->diagram_ = std::make_unique<Diagram>(world->layout_->sizes(), limits);
  world->reaches_ = std::make_shared<RunReaches>();
  world->apart_ = apart;
  world->order_ = order;
  for (std::size_t i = 0; i < programs.size(); ++i) {
    world->walks_.push_back(
        std::make_unique<SymbolicWalk>(*programs[i], *world->layout_, *world->diagram_,
                                       rules.empty() ? nullptr : &world->rules_[i]));
    world->walks_.back()->share(world->reaches_);
  }
  const auto decided = within_budget([&] {
    for (const auto& walk : world->walks_) {
      for (const Path path : all_paths) (void)walk->decide(path);
    }
    return true;
  });
  if (!decided) return nullptr;
  return world;
}

Ref World::decided(std::size_t program, Path path, CtState state,
                   std::initializer_list<Decision> decisions) {
  const Ref whole = walks_[program]->decide(path);
  // Those that no packet meets are left out, so that the same question is known as that.
  const std::span<const std::uint32_t> met = diagram_->values_of(whole);
  std::vector<std::uint32_t> numbers;
  for (const Decision decision : decisions) {
    const auto number = static_cast<std::uint32_t>(decision);
    if (std::ranges::binary_search(met, number)) numbers.push_back(number);
  }
  return diagram_->where_at(whole, numbers, layout_->level_of(Field::ct_state),
                            Layout::atom_of(state));
}

const SideWorkOfBoth& World::side_work() {
  if (!side_work_) side_work_ = side_work_of(walks_[0]->program(), walks_[1]->program());
  return *side_work_;
}

Ref World::accepts(std::size_t program, Path path, CtState state) {
  return decided(program, path, state, {Decision::accept});
}

Ref World::may_accept(std::size_t program, Path path, CtState state) {
  return decided(program, path, state, {Decision::accept, Decision::unknown});
}

Ref World::untracked(std::size_t program, Path path) {
  const std::vector<bool> state = levels(std::array{Field::ct_state});
  if (!walks_[program]->program().tracks()) return Diagram::no;
  return diagram_->exists(walks_[program]->untracked(path), state);
}

Ref World::on_way(Path path) {
  return once(Known::on_way, static_cast<std::uint32_t>(path), [&] {
    const auto has = [&](Field field, bool is_present) {
      const Layout::Level level = layout_->level_of(field);
      const auto absent = NameDomain::absent();
      return is_present ? diagram_->interval(level, absent + 1, layout_->names().size() - 1)
                        : diagram_->interval(level, absent, absent);
    };
    const Ref all = diagram_->conj(has(Field::in_interface, path != Path::out),
                                   has(Field::out_interface, path != Path::in));
    if (path != Path::forward) return all;
    // Nothing is forwarded over loopback.
    const auto lo = layout_->names().loopback();
    const Ref over_lo =
        diagram_->disj(diagram_->interval(layout_->level_of(Field::in_interface), lo, lo),
                       diagram_->interval(layout_->level_of(Field::out_interface), lo, lo));
    return diagram_->minus(all, over_lo);
  });
}

Ref World::protocol(std::uint8_t number) {
  return once(Known::protocol, number, [&] { return range(Field::protocol, {number, number}); });
}

Ref World::range(Field field, const Interval& values) {
  return walks_.front()->encoder().range(field, values);
}

Ref World::certainly_in(Field field, std::span<const Interval> ranges) {
  const NumberDomain& domain = layout_->numbers(field);
  Ref all = Diagram::no;
  for (const Interval& range : ranges) {
    auto [first, last] = domain.atoms_of(range);
    if (domain.values_of(first).first < range.first) ++first;
    if (domain.values_of(last).last > range.last && last-- == 0) continue;
    if (first <= last) {
      all = diagram_->disj(all, diagram_->interval(layout_->level_of(field), first, last));
    }
  }
  return all;
}

Ref World::from_groups() { return certainly_in(Field::source_address, groups(version())); }

Ref World::flags(std::uint8_t mask, std::uint8_t value) {
  return once(Known::flags, std::uint32_t{mask} << 8U | value, [&] {
    const Ref set = diagram_->atoms(layout_->level_of(Field::tcp_flags),
                                    layout_->flags().members(flags_where(mask, value)));
    return diagram_->conj(set, walks_.front()->encoder().has(Field::tcp_flags));
  });
}

Ref World::icmp_types(std::span<const std::uint8_t> types) {
  Ref any = Diagram::no;
  for (const std::uint8_t type : types) {
    any = diagram_->disj(
        any, range(Field::icmp_type_code, {Number{type} * 256, Number{type} * 256 + 255}));
  }
  return diagram_->conj(any, walks_.front()->encoder().has(Field::icmp_type_code));
}

Ref World::loopback(Path path) {
  const auto lo = layout_->names().loopback();
  const Field field = path == Path::out ? Field::out_interface : Field::in_interface;
  return diagram_->interval(layout_->level_of(field), lo, lo);
}

Ref World::initiators(bool midstream, bool all_queries) {
  return once(Known::initiators, (midstream ? 2U : 0U) | (all_queries ? 1U : 0U), [&] {
    Diagram& d = *diagram_;
    Ref tcp = flags(syn | ack | rst | fin, syn);
    if (midstream) tcp = d.disj(tcp, flags(syn | ack | rst | fin, ack));
    std::vector<std::uint8_t> requests;
    for (const IcmpQuery& query : icmp_queries(version())) {
      if (all_queries || requests.empty()) requests.push_back(query.request);
    }
    const Ref icmp = icmp_types(requests);
    const Ref other = d.negate(d.disj(protocol(ip_protocol::tcp), protocol(icmp_of(version()))));
    return d.minus(d.disj(d.disj(tcp, icmp), other), later_fragments());
  });
}

Ref World::telling_initiators() {
  return once(Known::telling_initiators, 0, [&] {
    Diagram& d = *diagram_;
    const Ref others = d.disj(protocol(ip_protocol::sctp), protocol(ip_protocol::dccp));
    return d.disj(flags(syn | ack | rst | fin, syn), d.minus(others, later_fragments()));
  });
}

Ref World::valid_flags() {
  return once(Known::valid_flags, 0, [&] {
    Ref any = Diagram::no;
    for (const std::uint8_t combination : valid_combinations) {
      any = diagram_->disj(any, flags(looked_at, combination));
    }
    return any;
  });
}

Ref World::continuations() {
  return once(Known::continuations, 0, [&] {
    Diagram& d = *diagram_;
    const Ref is_tcp = protocol(ip_protocol::tcp);
    // A SYN may be sent again; a SYN with ACK is only ever an answer.
    const Ref tcp = d.minus(valid_flags(), flags(syn | ack, syn | ack));
    std::vector<std::uint8_t> requests;
    for (const IcmpQuery& query : icmp_queries(version())) requests.push_back(query.request);
    const Ref is_icmp = protocol(icmp_of(version()));
    const Ref other = d.negate(d.disj(is_tcp, is_icmp));
    return d.disj(d.disj(tcp, icmp_types(requests)), d.minus(other, later_fragments()));
  });
}

Ref World::replies() {
  return once(Known::replies, 0, [&] {
    Diagram& d = *diagram_;
    const Ref is_tcp = protocol(ip_protocol::tcp);
    const Ref tcp = d.minus(valid_flags(), flags(ack | rst, 0));
    std::vector<std::uint8_t> answers;
    for (const IcmpQuery& query : icmp_queries(version())) answers.push_back(query.reply);
    const Ref is_icmp = protocol(icmp_of(version()));
    const Ref other = d.negate(d.disj(is_tcp, is_icmp));
    return d.disj(d.disj(tcp, icmp_types(answers)), d.minus(other, later_fragments()));
  });
}

Ref World::errors() {
  return once(Known::errors, 0, [&] {
    return icmp_types(version() == IpVersion::ipv4
                          ? std::span<const std::uint8_t>(needed_errors_v4)
                          : std::span<const std::uint8_t>(needed_errors_v6));
  });
}

Ref World::related_errors() {
  return once(Known::related_errors, 0, [&] {
    return icmp_types(version() == IpVersion::ipv4
                          ? std::span<const std::uint8_t>(related_errors_v4)
                          : std::span<const std::uint8_t>(needed_errors_v6));
  });
}

Ref World::can_be_new() {
  return once(Known::can_be_new, 0, [&] {
    Diagram& d = *diagram_;
    // Mid-stream too: with tcp_loose=1, the default, a stray ACK is NEW (measured).
    return d.minus(initiators(true, true), d.minus(protocol(ip_protocol::tcp), valid_flags()));
  });
}

Ref World::can_be_invalid() {
  return once(Known::can_be_invalid, 0, [&] {
    Diagram& d = *diagram_;
    const Ref tcp = d.minus(protocol(ip_protocol::tcp), can_be_new());
    const Ref icmp = d.minus(protocol(icmp_of(version())), can_be_new());
    // Chunks and types that begin nothing are INVALID, and they are not looked at here.
    const Ref others = d.disj(protocol(ip_protocol::sctp), protocol(ip_protocol::dccp));
    return d.disj(d.disj(tcp, icmp), others);
  });
}

std::vector<bool> World::levels(std::span<const Field> fields) const {
  std::vector<bool> marked(diagram_->level_count());
  for (const Field field : fields) marked[layout_->level_of(field)] = true;
  return marked;
}

}  // namespace untrack
