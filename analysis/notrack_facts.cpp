// FlowSearch: what NOTRACK rules break, and what they let in.
#include <algorithm>
#include <array>

#include "analysis/conntrack/state_map.hpp"
#include "analysis/facts.hpp"
#include "analysis/flow_search.hpp"

namespace untrack {
namespace {

bool tests(const Ruleset& ruleset, const Rule& rule, Field field) {
  return std::ranges::any_of(slice(ruleset.parts, rule.parts), [&](const RulePart& part) {
    const auto* test = match_as<FieldTest>(part);
    return test != nullptr && test->field == field;
  });
}

enum class Binding : std::uint8_t { none, source, destination, entry };

// What the overlap check speaks of: translation, helpers, counts of connections.
Binding binding_of(const Ruleset& ruleset, const BoundRule& bound) {
  if (const auto* nat = find_statement<NatStatement>(ruleset, ruleset[bound.rule])) {
    switch (nat->kind) {
      case NatKind::snat:
      case NatKind::masquerade:
        return Binding::source;
      case NatKind::dnat:
      case NatKind::redirect:
        return Binding::destination;
      case NatKind::netmap:
        return Binding::none;
    }
  }
  const Construct& construct = ruleset[bound.construct];
  if (construct.extension == nullptr) return Binding::none;
  if (construct.extension->role == catalog::Role::connection_count) return Binding::entry;
  const bool assigns_helper =
      construct.kind == catalog::ExtensionKind::target &&
      std::ranges::any_of(slice(ruleset.options, construct.options), [](const OptionUse& option) {
        return option.row != nullptr && option.row->name == "helper";
      });
  return assigns_helper ? Binding::entry : Binding::none;
}

std::size_t place_in(const Trace& trace, RuleId rule) {
  const auto at = std::ranges::find(trace.steps, rule, &TraceStep::rule);
  return static_cast<std::size_t>(at - trace.steps.begin());
}

// What a packet that begins a flow must pass because of where it comes from or how many there are.
bool is_guard(const Program& program, const Rule& rule) {
  for (std::uint32_t i = 0; i < rule.parts.count; ++i) {
    const RulePart& part = program.ruleset().parts[rule.parts.first + i];
    if (program.kind(rule.parts.first + i) == PartKind::free_test) {
      // A refusal with a limit is one that answers only so often: what it refuses is within the
      // rate.
      const bool is_limit =
          part.construct.names_something() && program.ruleset()[part.construct].name == "limit";
      if (!is_limit) return true;
    }
    if (const auto* test = match_as<FieldTest>(part)) {
      if (test->field == Field::source_address || test->field == Field::source_type) return true;
    }
    if (match_as<SetTest>(part) != nullptr) return true;
  }
  return false;
}

}  // namespace

void FlowSearch::find_exempt(Path path) {
  std::vector<Exempt> found;
  SymbolicWalk& walk = world_.walk(FamilyWorld::as_it_is);
  const RuleSet wanted = rules_where(ruleset(), [&](const Rule& rule) {
    return find_statement<NotrackStatement>(ruleset(), rule) != nullptr;
  });
  for (const RuleReach& row : reach(walk, path, walk.possible(path), {.wanted = wanted}).rules) {
    const Rule& rule = ruleset()[row.rule];
    if (!wanted[row.rule.index()] || row.matches == Diagram::no) continue;
    const bool by_source = tests(ruleset(), rule, Field::source_port);
    const bool by_destination = tests(ruleset(), rule, Field::destination_port);
    found.push_back({row.rule, any_state(row.matches), by_destination || !by_source,
                     by_source || !by_destination});
  }
  exempt_[static_cast<std::size_t>(path)] = std::move(found);
}

const std::vector<FlowSearch::Exempt>& FlowSearch::exempt(Path path) {
  auto& known = exempt_[static_cast<std::size_t>(path)];
  if (!known) find_exempt(path);
  return *known;
}

RuleId FlowSearch::exempting_rule(const Trace& trace) const {
  for (const TraceStep& step : trace.steps) {
    if (step.rule.names_something() && step.matched &&
        find_statement<NotrackStatement>(ruleset(), ruleset()[step.rule]) != nullptr) {
      return step.rule;
    }
  }
  return {};
}

bool FlowSearch::exempts(const Trace& trace, RuleId notrack) const {
  return trace.is_untracked && exempting_rule(trace) == notrack;
}

void FlowSearch::add_overlap(const BoundRule& bound, Path path, Ref packets,
                             NotrackOverlap::Direction direction) {
  const bool is_forth = direction == NotrackOverlap::Direction::forth;
  for (const Exempt& exempt : this->exempt(path)) {
    if (!(is_forth ? exempt.may_be_request : exempt.may_be_answer)) continue;
    const auto known = std::ranges::find_if(facts_.overlaps, [&](const NotrackOverlap& row) {
      return row.notrack == exempt.rule && row.bound == bound.rule;
    });
    if (known != facts_.overlaps.end() && known->is_sent) continue;
    const CtState state = is_forth ? CtState::new_ : CtState::established;
    const auto judged =
        judge(path, d_.minus(d_.conj(packets, exempt.packets), world_.loopback(path)), state);
    if (!judged || !exempts(judged->as_it_is, exempt.rule)) continue;
    // An address of this host as the source of what comes in is a martian to routing.
    if (path != Path::out && judged->packet[Field::source_type] == 2) continue;
    if (is_forth) {
      const std::size_t at = place_in(judged->tracked, bound.rule);
      if (at == judged->tracked.steps.size()) continue;
      // A CT target that came first keeps NOTRACK from working (notrack_tg, xt_CT.c, 6.1).
      const bool is_in_raw =
          find_statement<ConntrackStatement>(ruleset(), ruleset()[bound.rule]) != nullptr;
      if (is_in_raw && at < place_in(judged->as_it_is, exempt.rule)) continue;
    }
    NotrackOverlap row{family_.version(), exempt.rule,           bound.rule,     bound.construct,
                       direction,         shown(judged->packet), is_sent(judged)};
    if (known == facts_.overlaps.end()) {
      facts_.overlaps.push_back(std::move(row));
    } else if (row.is_sent) {
      *known = std::move(row);
    }
  }
}

// What answers the flows, as far as it is among the packets: to mirror all of them is dear.
Ref FlowSearch::answers_among(Ref packets, Ref flows) {
  return world_.mirrored(d_.conj(flows, world_.asking_for(packets)));
}

void FlowSearch::overlaps_of(const BoundRule& bound) {
  using Direction = NotrackOverlap::Direction;
  const Binding binding = binding_of(ruleset(), bound);
  if (binding == Binding::none) return;
  // What this host sends has the address that the translation would give it, in most cases.
  if (binding == Binding::source && bound.path == Path::out) return;
  const Path back = opposite(bound.path);
  const Ref of_clients = d_.conj(bound.flows, client_flows(tracked_, bound.path));
  const Ref flows = d_.minus(of_clients, answers_among(of_clients, client_flows(tracked_, back)));
  if (flows == Diagram::no) return;
  const Ref first = d_.conj(flows, tracked_flows_.permitted(bound.path));
  add_overlap(bound, bound.path, first, Direction::forth);
  if (binding == Binding::entry) {
    const Ref answers = d_.conj(world_.mirrored(flows), world_.replies());
    add_overlap(bound, back, d_.conj(answers, world_.on_way(back)), Direction::back);
  }
  if (binding == Binding::source && bound.path == Path::forward) {
    // They come to an address of this host, until the entry says whom they are for.
    std::vector<bool> gone(d_.level_count());
    for (const Field field :
         {Field::destination_address, Field::destination_type, Field::out_interface}) {
      gone[world_.layout().level_of(field)] = true;
    }
    Ref answers = d_.exists(world_.mirrored(flows), gone);
    const auto* nat = find_statement<NatStatement>(ruleset(), ruleset()[bound.rule]);
    if (nat->kind == NatKind::snat && nat->addresses.count > 0) {
      answers = d_.conj(answers, world_.range(Field::destination_address,
                                              ruleset().intervals[nat->addresses.first]));
    }
    answers = d_.conj(answers, d_.conj(world_.replies(), world_.on_way(Path::in)));
    add_overlap(bound, Path::in, answers, Direction::back_translated);
  }
}

void FlowSearch::find_overlaps() {
  for (const BoundRule& bound : tracked_flows_.bound_rules()) overlaps_of(bound);
}

void FlowSearch::find_refusals() {
  for (const Path path : all_paths) {
    const Path back = opposite(path);
    // In other addresses than the flows are said in.
    if (translates(path)) continue;
    const Ref first = d_.conj(tracked_flows_.permitted(path), client_flows(tracked_, path));
    const Ref answers =
        d_.conj(d_.conj(world_.mirrored(client_flows(tracked_, back)), world_.replies()),
                world_.on_way(path));
    for (const Exempt& exempt : this->exempt(path)) {
      // The first that shows it, but for packets that no host sends if there are others.
      std::optional<UntrackedRefusal> found;
      for (const bool is_answer : {false, true}) {
        if (!(is_answer ? exempt.may_be_answer : exempt.may_be_request)) continue;
        const CtState state = is_answer ? CtState::established : CtState::new_;
        Ref lost = d_.conj(is_answer ? answers : first, exempt.packets);
        if (lost == Diagram::no) continue;
        lost = d_.conj(lost, world_.accepts(tracked_, path, state));
        lost =
            d_.minus(lost, in_some_outcome(world_.may_accept(FamilyWorld::as_it_is, path, state)));
        const auto judged = judge(path, d_.minus(lost, world_.loopback(path)), state);
        if (!judged || !exempts(judged->as_it_is, exempt.rule)) continue;
        if (judged->tracked.decision != Decision::accept) continue;
        if (found && !is_sent(judged)) continue;
        found = {family_.version(),           exempt.rule,
                 judged->tracked.decided_by,  judged->as_it_is.decided_by,
                 judged->as_it_is.decided_in, is_answer,
                 shown(judged->packet)};
        if (is_sent(judged)) break;
      }
      if (found) facts_.refusals.push_back(std::move(*found));
    }
  }
}

// Those that a guard refuses if they are tracked.
Ref FlowSearch::guarded(Path path, Ref gained) {
  const auto state = Layout::atom_of(CtState::new_);
  const Ref is_new = d_.interval(world_.layout().level_of(Field::ct_state), state, state);
  Ref guarded = Diagram::no;
  const Program& program = world_.walk(tracked_).program();
  const RuleSet guards = rules_where(ruleset(), [&](const Rule& rule) {
    return drops(ruleset(), rule) && is_guard(program, rule);
  });
  const Ref entering = d_.conj(gained, is_new);
  for (const RuleReach& row :
       reach(world_.walk(tracked_), path, entering, {.wanted = guards}).rules) {
    if (guards[row.rule.index()]) guarded = d_.disj(guarded, any_state(row.matches));
  }
  return d_.conj(gained, guarded);
}

void FlowSearch::bypasses_of(Path path) {
  const auto new_ = Layout::atom_of(CtState::new_);
  const Ref is_new = d_.interval(world_.layout().level_of(Field::ct_state), new_, new_);
  Ref gained = world_.untracked(FamilyWorld::as_it_is, path);
  if (gained == Diagram::no) return;
  gained =
      d_.conj(gained, in_every_outcome(world_.accepts(FamilyWorld::as_it_is, path, CtState::new_)));
  gained = d_.minus(gained, world_.may_accept(tracked_, path, CtState::new_));
  gained = d_.minus(d_.conj(gained, world_.on_way(path)), world_.loopback(path));
  gained = d_.conj(gained, world_.initiators(false, false));
  if (gained == Diagram::no) return;
  // A datagram that answers looks like one that begins a flow.
  const Path back = opposite(path);
  const Ref answers = answers_among(
      gained, d_.disj(client_flows(FamilyWorld::as_it_is, back), client_flows(tracked_, back)));
  const Ref telling = world_.telling_initiators();
  gained = d_.disj(d_.conj(gained, telling), d_.minus(gained, answers));
  if (gained == Diagram::no) return;
  const Ref best = guarded(path, gained);
  const auto run = flows_.deciding_run(path);
  const RuleSet accepting =
      rules_where(ruleset(), [&](const Rule& rule) { return accepts(ruleset(), rule); });
  const Ref entering = d_.conj(gained, is_new);
  for (const RuleReach& row :
       reach(world_.walk(FamilyWorld::as_it_is), path, entering, {.wanted = accepting}).rules) {
    if (!run || row.run != *run || row.matches == Diagram::no) continue;
    if (!accepting[row.rule.index()]) continue;
    const Ref here = d_.conj(gained, any_state(row.matches));
    auto judged = judge(path, d_.conj(here, best), CtState::new_);
    if (!is_sent(judged)) {
      auto other = judge(path, here, CtState::new_);
      if (!judged || is_sent(other)) judged = std::move(other);
    }
    if (!judged || judged->as_it_is.decided_by != row.rule) continue;
    if (judged->as_it_is.decision != Decision::accept || !judged->as_it_is.is_untracked) continue;
    if (judged->tracked.decision == Decision::accept) continue;
    const RuleId refused_by = judged->tracked.decided_by;
    facts_.bypasses.push_back({family_.version(), exempting_rule(judged->as_it_is), row.rule,
                               refused_by, judged->tracked.decided_in,
                               !accepts_untracked_alone(ruleset(), ruleset()[row.rule]) &&
                                   refused_by.names_something() &&
                                   is_guard(world_.walk(tracked_).program(), ruleset()[refused_by]),
                               shown(judged->packet)});
  }
}

void FlowSearch::find_bypasses() {
  for (const Path path : {Path::in, Path::forward}) bypasses_of(path);
}

}  // namespace untrack
