// Comparison: what is untracked by halves, or although something needs its entry, and what has lost
// the thing that it was bound to.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analysis/facts.hpp"
#include "analysis/flows/binding.hpp"
#include "analysis/flows/helpers.hpp"
#include "analysis/flows/obligation_sets.hpp"
#include "analysis/program/deeds.hpp"
#include "analysis/program/destinations.hpp"

namespace untrack {
namespace {

// Clients that ask from the port on which their service answers; `by_any_port`: a translation ahead
// may have changed the port that they ask.
Ref symmetric_clients(World& world, bool by_any_port) {
  Diagram& d = world.diagram();
  Ref all = Diagram::no;
  constexpr std::array<Number, 9> ports = {53, 67, 68, 123, 137, 138, 500, 4500, 5353};
  for (const Number port : ports) {
    Ref asking = world.range(Field::source_port, {port, port});
    if (!by_any_port) asking = d.conj(asking, world.range(Field::destination_port, {port, port}));
    all = d.disj(all, asking);
  }
  return d.conj(all, world.protocol(ip_protocol::udp));
}

// What a rule makes of the mark that the layout has no value for; empty: nothing. CONNMARK works on
// entries, and is compared with what does so.
std::string open_marks_of(const Program& program, const Rule& rule) {
  std::string all;
  for (std::uint32_t i = 0; i < rule.parts.count; ++i) {
    const std::uint32_t part = rule.parts.first + i;
    const auto* statement = std::get_if<Statement>(&program.ruleset().parts[part].what);
    if (statement == nullptr) continue;
    const auto* mark = std::get_if<MarkStatement>(statement);
    const auto* opaque = std::get_if<OpaqueStatement>(statement);
    if (mark != nullptr && (mark->value & ~mark->mask) != 0) {
      all += fmt::format("mark & {:#x} ^ {:#x}", ~mark->mask, mark->value);
    } else if (opaque != nullptr && program.kind(part) == PartKind::free_mark) {
      all += std::string(opaque->key);
    }
  }
  return all;
}

// Of the packets of a bound rule those that have an entry: what is untracked has none, and another
// CT target does nothing to it (xt_ct_target, xt_CT.c, 6.1); nothing is forwarded over lo.
Ref with_entry(World& world, const BoundRule& bound) {
  Diagram& d = world.diagram();
  const auto untracked = Layout::atom_of(CtState::untracked);
  const auto state = world.layout().level_of(Field::ct_state);
  return d.minus(d.conj(bound.packets, world.on_way(bound.path)),
                 d.interval(state, untracked, untracked));
}

}  // namespace

// What answers translated flows, as it comes in before it is translated back.
Ref Comparison::answers_on_wire(Ref clients, const NatStatement& nat, bool is_source, Path path) {
  Diagram& d = world_.diagram();
  const Ruleset& ruleset = world_.walk(0).program().ruleset();
  const auto without = [&](Ref packets, std::initializer_list<Field> fields) {
    std::vector<bool> gone(d.level_count());
    for (const Field field : fields) gone[world_.layout().level_of(field)] = true;
    return d.exists(packets, gone);
  };
  const auto given = [&](Field field, const PoolRange<Interval>& values) {
    Ref any = values.count == 0 ? Diagram::yes : Diagram::no;
    for (const Interval& range : slice(ruleset.intervals, values)) {
      any = d.disj(any, world_.range(field, range));
    }
    return any;
  };
  using enum Field;
  const Ref answers = world_.mirrored(clients);
  if (!is_source) {
    // From the new destination, wherever that stands, to the client as ever.
    Ref all = without(answers, {source_address, source_type, in_interface});
    if (nat.ports.count > 0) all = without(all, {source_port});
    all = d.conj(all, given(source_address, nat.addresses));
    all = d.conj(all, d.disj(given(source_port, nat.ports),
                             d.negate(world_.walk(0).encoder().has(source_port))));
    return path == Path::out ? without(all, {destination_type}) : all;
  }
  // To an address of this host, or one that it was given, which may lead anywhere: what this host
  // answers itself over loopback goes out for another interface at first (measured).
  if (path != Path::in && nat.addresses.count == 0) return Diagram::no;
  Ref all = path == Path::out ? d.conj(answers, world_.loopback(Path::in)) : answers;
  all = without(all, {destination_address, destination_type, out_interface});
  if (path == Path::out) all = without(all, {in_interface});
  all = d.conj(all, given(destination_address, nat.addresses));
  if (nat.ports.count > 0) {
    const Ref ports = d.conj(without(all, {destination_port}), given(destination_port, nat.ports));
    return d.disj(ports, d.minus(all, world_.walk(0).encoder().has(destination_port)));
  }
  // Where the port is taken, another of its kind (nf_nat_l4proto_unique_tuple, 6.1).
  Ref moved = all;
  for (const Interval& kind : {Interval{0, 1023}, Interval{1024, 65535}}) {
    const Ref of_kind = world_.range(destination_port, kind);
    moved = d.disj(moved, d.conj(without(d.conj(all, of_kind), {destination_port}), of_kind));
  }
  return moved;
}

Ref Comparison::untracked_on(Path path) {
  return world_.diagram().conj(world_.untracked(1, path), routed(path));
}

Ref Comparison::routed(Path path) {
  switch (path) {
    case Path::in:
      return world_.range(Field::destination_type, {address_type::local, address_type::multicast});
    case Path::forward:
      return world_.range(Field::destination_type, {address_type::unicast, address_type::unicast});
    case Path::out:
      break;
  }
  return Diagram::yes;
}

// As they are where the rule stands; the state is that of a first packet.
Violation Comparison::at_rule(const BoundRule& bound, Ref packets, std::string what) {
  const Ref first = world_.diagram().fix(packets, world_.layout().level_of(Field::ct_state),
                                         Layout::atom_of(CtState::new_));
  return {bound.path, first, CtState::new_, CtState::new_, std::move(what)};
}

// What a target of one of the rulesets works on, and no target of the other in the same way; `may`:
// nor perhaps.
Comparison::Worked Comparison::worked_on_alone(Flows& own, const BoundRule& bound, ConstructId deed,
                                               Flows& others) {
  Diagram& d = world_.diagram();
  const Ruleset& ruleset = own.program().ruleset();
  const Ruleset& other_ruleset = others.program().ruleset();
  Worked alone;
  alone.certain = d.conj(with_entry(world_, bound), d.conj(old_.assumed_sources(bound.path),
                                                           old_.assumed_protocols(bound.path)));
  alone.possible = alone.certain;
  for (const BoundRule& other : others.bound_rules()) {
    if (alone.possible == Diagram::no) break;
    if (other.path != bound.path) continue;
    Likeness best = Likeness::different;
    for (const ConstructId id : binding_targets(other_ruleset, other_ruleset[other.rule])) {
      best = std::max(best, compare_deeds(ruleset, deed, other_ruleset, id));
    }
    if (best == Likeness::different) continue;
    const Ref taken = with_entry(world_, other);
    alone.certain = d.minus(alone.certain, taken);
    if (best == Likeness::same) alone.possible = d.minus(alone.possible, taken);
  }
  return alone;
}

// Packets that get a mark of which nothing is known, where they did not: what rules that ask for
// marks do to them behind that is not known either, and may be less than it seems.
std::optional<Violation> Comparison::newly_open_marks() {
  if (world_.layout().marks().blocks().empty()) return std::nullopt;
  Diagram& d = world_.diagram();
  const Program& before = world_.walk(0).program();
  const Program& after = world_.walk(1).program();
  const auto wanted = [](const Program& program) {
    return rules_where(program.ruleset(),
                       [&](const Rule& rule) { return !open_marks_of(program, rule).empty(); });
  };
  const RuleSet now = wanted(after);
  if (std::ranges::find(now, true) == now.end()) return std::nullopt;
  const auto state = Layout::atom_of(CtState::new_);
  const Ref as_new = d.interval(world_.layout().level_of(Field::ct_state), state, state);
  for (const Path path : all_paths) {
    const PathReach was =
        reach(world_.walk(0), path, as_new, {.wanted = wanted(before), .is_exact = true});
    const PathReach is = reach(world_.walk(1), path, as_new, {.wanted = now, .is_exact = true});
    for (const RuleReach& row : is.rules) {
      const std::string text = open_marks_of(after, after.ruleset()[row.rule]);
      if (text.empty() || row.matches == Diagram::no) continue;
      Ref gained = d.conj(row.matches, world_.on_way(path));
      for (const RuleReach& other : was.rules) {
        if (open_marks_of(before, before.ruleset()[other.rule]) == text) {
          gained = d.minus(gained, other.matches);
        }
      }
      if (gained == Diagram::no) continue;
      Violation open{path, d.fix(gained, world_.layout().level_of(Field::ct_state), state),
                     CtState::new_, CtState::new_,
                     fmt::format("begins a flow and gets a mark that is not known ({}), and did "
                                 "not before",
                                 text)};
      open.is_certain = false;
      return open;
    }
  }
  return std::nullopt;
}

std::optional<Violation> Comparison::lost_binding() {
  Diagram& d = world_.diagram();
  std::optional<Violation> unknown = newly_open_marks();
  for (Flows* flows : {&old_, &new_}) {
    Flows& others = flows == &old_ ? new_ : old_;
    const Ruleset& ruleset = flows->program().ruleset();
    for (const BoundRule& bound : flows->bound_rules()) {
      for (const ConstructId deed : binding_targets(ruleset, ruleset[bound.rule])) {
        const Construct& construct = ruleset[deed];
        if (has(Assumption::helpers_unused) && only_assigns_helper(ruleset, construct)) continue;
        const Worked alone = worked_on_alone(*flows, bound, deed, others);
        const std::string text = deed_text(ruleset, construct);
        if (flows == &old_ && alone.certain != Diagram::no) {
          return at_rule(
              bound, alone.certain,
              fmt::format("begins a flow to which \"{}\" applied, and no longer does", text));
        }
        if (unknown || alone.possible == Diagram::no) continue;
        const bool is_gained = flows == &new_ && d.intersects(alone.possible, alone.certain);
        unknown = at_rule(
            bound, is_gained ? alone.certain : alone.possible,
            is_gained
                ? fmt::format("begins a flow to which \"{}\" applies, and did not before", text)
                : fmt::format("begins a flow to which \"{}\" applie{}; whether the other ruleset "
                              "does the same to it is not known",
                              text, flows == &old_ ? "d" : "s"));
        unknown->is_certain = false;
      }
    }
  }
  return unknown;
}

// Established packets that are refused in front of where addresses are translated back.
Ref Comparison::refused_early(std::size_t program, Path path) {
  Diagram& d = world_.diagram();
  SymbolicWalk& walk = world_.walk(program);
  const Ruleset& ruleset = walk.program().ruleset();
  const auto runs = walk.program().runs(path);
  constexpr int dstnat = -100;  // NF_IP_PRI_NAT_DST, linux/netfilter_ipv4.h
  const auto is_early = [&](std::size_t run) {
    return runs[run].hook == Hook::prerouting && !runs[run].is_nat && runs[run].priority < dstnat;
  };
  std::vector<bool> has_early(ruleset.tables.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (is_early(i)) has_early[ruleset[runs[i].chain].table.index()] = true;
  }
  if (std::ranges::find(has_early, true) == has_early.end()) return Diagram::no;
  const RuleSet refusing = rules_where(ruleset, [&](const Rule& rule) {
    if (!rule.chain.names_something() || !has_early[ruleset[rule.chain].table.index()])
      return false;
    const auto* verdict = find_statement<VerdictStatement>(ruleset, rule);
    const auto* opaque = find_statement<OpaqueStatement>(ruleset, rule);
    return (verdict != nullptr && verdict->verdict != Verdict::accept &&
            verdict->verdict != Verdict::return_ && verdict->verdict != Verdict::continue_) ||
           (opaque != nullptr && opaque->may_end) ||
           find_statement<RejectStatement>(ruleset, rule) != nullptr ||
           find_statement<VerdictMapStatement>(ruleset, rule) != nullptr;
  });
  const auto atom = Layout::atom_of(CtState::established);
  const Ref state = d.interval(world_.layout().level_of(Field::ct_state), atom, atom);
  const PathReach found =
      reach(walk, path, d.conj(state, world_.on_way(path)), {.wanted = refusing, .is_exact = true});
  Ref all = Diagram::no;
  for (const RuleReach& row : found.rules) {
    if (refusing[row.rule.index()] && is_early(row.run)) all = d.disj(all, row.matches);
  }
  for (const PolicyReach& row : found.policies) {
    if (is_early(row.run) && ruleset[row.chain].base->policy != Policy::accept) {
      all = d.disj(all, row.reaches);
    }
  }
  return d.fix(all, world_.layout().level_of(Field::ct_state), atom);
}

// What answers a flow whose source is translated comes to an address of this host, and is
// translated back behind chains that may refuse it as that.
std::optional<Violation> Comparison::answers_refused_early() {
  Diagram& d = world_.diagram();
  const Ruleset& ruleset = world_.walk(0).program().ruleset();
  std::array<std::optional<Ref>, 3> refused;
  for (const BoundRule& bound : old_.bound_rules()) {
    const auto* nat = find_statement<NatStatement>(ruleset, ruleset[bound.rule]);
    const bool is_source =
        nat != nullptr && (nat->kind == NatKind::masquerade || nat->kind == NatKind::snat ||
                           nat->kind == NatKind::netmap);
    if (!is_source) continue;
    for (const Path path : {Path::in, Path::forward}) {
      auto& gained = refused[static_cast<std::size_t>(path)];
      if (!gained) gained = d.minus(refused_early(1, path), refused_early(0, path));
      if (*gained == Diagram::no) continue;
      const Ref clients =
          d.conj(world_.flow_of(with_entry(world_, bound)),
                 d.conj(old_.assumed_protocols(bound.path), old_.assumed_sources(bound.path)));
      const Ref wire = answers_on_wire(clients, *nat, true, path);
      const Ref errors = d.conj(world_.errors_to_destination(wire), world_.errors());
      Ref lost = d.conj(d.disj(d.conj(wire, world_.replies()), errors), *gained);
      lost = d.conj(lost, world_.on_way(path));
      if (lost == Diagram::no) continue;
      Violation open{path, lost, CtState::established, CtState::established,
                     fmt::format("may answer a flow that \"{}\" translated, as it comes over the "
                                 "wire, and is refused before it is translated back",
                                 deed_text(ruleset, ruleset[bound.construct]))};
      open.is_certain = false;
      return open;
    }
  }
  return std::nullopt;
}

std::optional<Violation> Comparison::untracked_but_bound() {
  Diagram& d = world_.diagram();
  // A helper that nobody needs binds only where the rewrite still assigns it: NOTRACK does nothing
  // to a packet that another CT rule has taken before (xt_ct_target, xt_CT.c, 6.1).
  const bool helpers_unused = has(Assumption::helpers_unused);
  bool has_translated_destinations = false;
  for (Flows* flows : {&old_, &new_}) {
    has_translated_destinations =
        has_translated_destinations ||
        translates_destinations(flows->program().ruleset(), world_.version());
  }
  std::vector<std::pair<const Ruleset*, const BoundRule*>> binding;
  for (Flows* flows : {&old_, &new_}) {
    const Ruleset& ruleset = flows->program().ruleset();
    for (const BoundRule& bound : flows->bound_rules()) {
      const bool is_idle = helpers_unused && only_assigns_helper(ruleset, ruleset[bound.construct]);
      if (is_idle == (flows == &new_)) binding.emplace_back(&ruleset, &bound);
    }
  }
  for (const auto& [ruleset, rule_of] : binding) {
    const Ruleset& before = *ruleset;
    const BoundRule& bound = *rule_of;
    const Path back = opposite(bound.path);
    const std::string what = deed_text(before, before[bound.construct]);
    const Ref bound_flows = world_.flow_of(with_entry(world_, bound));
    const Ref here = d.conj(d.conj(bound_flows, old_.flows(bound.path)),
                            d.conj(world_.untracked(1, bound.path), tracked_otherwise(bound.path)));
    if (here != Diagram::no) {
      return Violation{bound.path, here, CtState::new_, CtState::new_,
                       fmt::format("is untracked, and \"{}\" needs its entry", what)};
    }
    // Whoever begins the flow is what the assumptions say, or asks as some services are asked.
    const bool by_any_port = has_translated_destinations ||
                             find_statement<NatStatement>(before, before[bound.rule]) != nullptr;
    const Ref clients = d.conj(bound_flows, d.conj(old_.assumed_protocols(bound.path),
                                                   d.disj(old_.assumed_sources(bound.path),
                                                          symmetric_clients(world_, by_any_port))));
    const Ref answers = d.conj(d.conj(world_.mirrored(clients), world_.replies()),
                               d.conj(untracked_on(back), tracked_otherwise(back)));
    if (answers != Diagram::no) {
      return Violation{back, answers, CtState::established, CtState::established,
                       fmt::format("answers a flow for which \"{}\" needs an entry, and is "
                                   "untracked",
                                   what)};
    }
    const Rule& rule = before[bound.rule];
    for (const RulePart& part : slice(before.parts, rule.parts)) {
      const auto* statement = std::get_if<Statement>(&part.what);
      const auto* nat = statement == nullptr ? nullptr : std::get_if<NatStatement>(statement);
      if (nat == nullptr) continue;
      for (const Path path : all_paths) {
        // NETMAP does either, as its chain has it.
        const bool is_source = nat->kind == NatKind::masquerade || nat->kind == NatKind::snat;
        Ref on_wire = Diagram::no;
        if (is_source || nat->kind == NatKind::netmap) {
          on_wire = answers_on_wire(clients, *nat, true, path);
        }
        if (!is_source && path == back) {
          on_wire = d.disj(on_wire, answers_on_wire(clients, *nat, false, path));
        }
        on_wire = d.conj(on_wire, d.conj(world_.replies(), world_.on_way(path)));
        on_wire = d.conj(on_wire, d.conj(world_.untracked(1, path), tracked_otherwise(path)));
        if (on_wire == Diagram::no) continue;
        return Violation{path, on_wire, CtState::established, CtState::established,
                         fmt::format("comes back to this host for a flow that \"{}\" translated, "
                                     "and is untracked before it can be translated back",
                                     what)};
      }
    }
  }
  return std::nullopt;
}

}  // namespace untrack
