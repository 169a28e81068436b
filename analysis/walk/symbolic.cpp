#include "analysis/walk/symbolic.hpp"

#include <algorithm>

namespace untrack {
namespace {

constexpr std::uint32_t number(End end) { return static_cast<std::uint32_t>(end); }
constexpr std::uint32_t number(Decision decision) { return static_cast<std::uint32_t>(decision); }

static_assert(number(End::accept) == number(Decision::accept) &&
              number(End::drop) == number(Decision::drop) &&
              number(End::reject) == number(Decision::reject) &&
              number(End::elsewhere) == number(Decision::elsewhere) &&
              number(End::unknown) == number(Decision::unknown));

constexpr Decision decision_of(End end) {
  switch (end) {
    case End::accept:
      return Decision::accept;
    case End::drop:
      return Decision::drop;
    case End::reject:
      return Decision::reject;
    case End::elsewhere:
      return Decision::elsewhere;
    case End::next:
    case End::back:
    case End::unknown:
      return Decision::unknown;
  }
  return Decision::unknown;
}

}  // namespace

SymbolicWalk::SymbolicWalk(const Program& program, const Layout& layout, Diagram& diagram,
                           const std::vector<bool>* only)
    : program_(program),
      layout_(layout),
      diagram_(diagram),
      encoder_(program, layout, diagram),
      only_(only) {
  if (only == nullptr) return;
  const Ruleset& ruleset = program.ruleset();
  kept_.resize(ruleset.chains.size());
  for (std::size_t i = 0; i < only->size(); ++i) {
    if (!(*only)[i]) continue;
    const ChainId chain = ruleset.rules[i].chain;
    if (!chain.names_something() || !kept_[chain.index()].empty()) continue;
    for (const RuleId rule : ruleset[chain].rules) {
      if ((*only)[rule.index()]) kept_[chain.index()].push_back(rule);
    }
  }
}

View SymbolicWalk::view_of(Path path, const Run& run) const {
  return {path, run.sees_out_interface(), run.is_before_conntrack, false};
}

Ref SymbolicWalk::where_true(std::uint32_t part, Path path, const Run& run) {
  View view = view_of(path, run);
  const Ref unseen = encoder_.encode(part, view);
  if (path != Path::in || !run.is_before_conntrack || !program_.tracks()) return unseen;
  view.is_seen = true;
  return diagram_.ite(is_on_loopback(path), encoder_.encode(part, view), unseen);
}

Ref SymbolicWalk::at_run(Path path, const Run& run, Ref after, bool is_seen) {
  View view = view_of(path, run);
  view.is_seen = is_seen;
  const BaseChain& base = *program_.ruleset()[run.chain].base;
  const End policy = base.policy == Policy::accept ? End::accept : End::drop;
  if (is_open(run.chain, view)) {
    const Ref by_policy = policy == End::accept ? after : leaf(policy);
    continuations_ = 0;
    return continued(run.chain, view, {by_policy, by_policy, after}, 0);
  }
  const std::pair<End, End> turns[] = {{End::next, policy}, {End::back, policy}};
  const Ref whole = then(turned(summary(run.chain, view), turns), End::accept, after);
  if (!outcomes_.have_effects()) return whole;
  // `after` knows the packet as it was left; what was done to it matters no more.
  Diagram::Relabelling to;
  for (const std::uint32_t value : diagram_.values_of(whole)) {
    const std::uint32_t end = number(outcomes_[value].end);
    if (end != value) to.emplace_back(value, end);
  }
  return diagram_.relabel(whole, to);
}

Ref SymbolicWalk::set_state(Ref f, CtState state) {
  return diagram_.fix(f, layout_.level_of(Field::ct_state), Layout::atom_of(state));
}

Ref SymbolicWalk::never_tracked() {
  if (program_.version() == IpVersion::ipv4) return Diagram::no;
  const Ref types = diagram_.disj(encoder_.range(Field::icmp_type_code, never_tracked_icmpv6[0]),
                                  encoder_.range(Field::icmp_type_code, never_tracked_icmpv6[1]));
  return diagram_.conj(types, encoder_.has(Field::icmp_type_code));
}

Ref SymbolicWalk::is_on_loopback(Path path) {
  const auto lo = layout_.names().loopback();
  const Field field = path == Path::out ? Field::out_interface : Field::in_interface;
  return diagram_.interval(layout_.level_of(field), lo, lo);
}

// By the kind of the destination address.
Ref SymbolicWalk::leads_here(Path path) {
  const Interval types = path == Path::in ? Interval{address_type::local, address_type::multicast}
                                          : Interval{address_type::unicast, address_type::unicast};
  Ref fits = encoder_.range(Field::destination_type, types);
  if (path == Path::forward) {
    fits = diagram_.disj(fits, encoder_.range(Field::destination_type,
                                              {address_type::multicast, address_type::multicast}));
  }
  return fits;
}

Ref SymbolicWalk::fits_route(Path path) {
  Ref fits = leads_here(path);
  if (path == Path::in && program_.version() == IpVersion::ipv4) {
    fits = diagram_.conj(fits, encoder_.range(Field::later_fragment, {0, 0}));
  }
  return fits;
}

// Packets that come in over loopback and went out untracked.
Ref SymbolicWalk::seen_untracked() {
  const auto lo = layout_.names().loopback();
  Ref out = diagram_.fix(untracked(Path::out), layout_.level_of(Field::out_interface), lo);
  out = diagram_.fix(out, layout_.level_of(Field::in_interface), NameDomain::absent());
  return diagram_.disj(out, never_tracked());
}

// Packets that begin a flow. On loopback the nat chains saw them when they went out (measured).
Ref SymbolicWalk::meets_nat(Path path) {
  const auto is_new = Layout::atom_of(CtState::new_);
  const Ref begins = diagram_.interval(layout_.level_of(Field::ct_state), is_new, is_new);
  return path == Path::in ? diagram_.minus(begins, is_on_loopback(path)) : begins;
}

Ref SymbolicWalk::behind_conntrack(Path path) {
  const auto runs = program_.runs(path);
  Ref after = leaf(End::accept);
  // Of the nat chains of a hook those behind the first that translates are not asked
  // (nf_nat_inet_fn, nf_nat_core.c, 6.1; measured): the way of what is translated already.
  Ref translated = after;
  bool is_routed = path == Path::out;
  const auto route = [&] {
    is_routed = true;
    // Later fragments wait for the others in front of LOCAL_IN (ip_local_deliver, ip_input.c, 6.1).
    if (path == Path::in && program_.version() == IpVersion::ipv4) {
      after = diagram_.ite(encoder_.range(Field::later_fragment, {1, 1}), leaf(End::accept), after);
    }
    after = diagram_.ite(leads_here(path), after, leaf(End::elsewhere));
  };
  const auto sets_destination_of = [&](std::uint32_t value) {
    return std::ranges::any_of(outcomes_[value].effects, [&](const Assignment& set) {
      return set.level == layout_.level_of(Field::destination_address) ||
             set.level == layout_.level_of(Field::destination_port);
    });
  };
  const auto at_nat = [&](const Run& run) {
    if (after == translated) return at_run(path, run, after, false);
    const View view = view_of(path, run);
    const BaseChain& base = *program_.ruleset()[run.chain].base;
    const End policy = base.policy == Policy::accept ? End::accept : End::drop;
    const std::pair<End, End> turns[] = {{End::next, policy}, {End::back, policy}};
    const Ref whole = turned(summary(run.chain, view), turns);
    Diagram::Grafts to;
    for (const std::uint32_t value : diagram_.values_of(whole)) {
      const bool goes_on = outcomes_[value].end == End::accept;
      const Effects effects = outcomes_[value].effects;
      const Ref on = sets_destination_of(value) ? translated : after;
      to.emplace_back(
          value, goes_on ? behind(effects, on) : Diagram::constant(number(outcomes_[value].end)));
    }
    const Ref all = diagram_.graft(whole, to);
    Diagram::Relabelling ends;
    for (const std::uint32_t value : diagram_.values_of(all)) {
      const std::uint32_t end = number(outcomes_[value].end);
      if (end != value) ends.emplace_back(value, end);
    }
    return diagram_.relabel(all, ends);
  };
  for (std::size_t i = runs.size(); i-- > 0 && !runs[i].is_before_conntrack;) {
    if (!is_routed && runs[i].hook == Hook::prerouting) route();
    if (i + 1 == runs.size() || runs[i + 1].hook != runs[i].hook) translated = after;
    if (!runs[i].is_nat) {
      const bool is_between = translated != after;
      after = at_run(path, runs[i], after, false);
      translated = is_between ? at_run(path, runs[i], translated, false) : after;
    } else if (program_.tracks()) {
      const Ref begins = meets_nat(path);
      after = diagram_.ite(begins, at_nat(runs[i]), after);
    }
  }
  if (!is_routed) route();
  return after;
}

Ref SymbolicWalk::from_entry(Path path, Ref after, bool is_seen) {
  const auto runs = program_.runs(path);
  std::size_t behind = 0;
  while (behind < runs.size() && runs[behind].is_before_conntrack) ++behind;
  for (std::size_t i = behind; i-- > 0;) after = at_run(path, runs[i], after, is_seen);
  return after;
}

Ref SymbolicWalk::possible(Path path) {
  const auto has = [&](Field field, bool is_present) {
    const Layout::Level level = layout_.level_of(field);
    return is_present ? diagram_.interval(level, 1, layout_.names().size() - 1)
                      : diagram_.interval(level, NameDomain::absent(), NameDomain::absent());
  };
  Ref all = diagram_.conj(has(Field::in_interface, path != Path::out),
                          has(Field::out_interface, path != Path::in));
  const auto untracked = Layout::atom_of(CtState::untracked);
  all = diagram_.minus(all,
                       diagram_.interval(layout_.level_of(Field::ct_state), untracked, untracked));
  if (program_.reassembles()) {
    all = diagram_.conj(all, encoder_.range(Field::later_fragment, {0, 0}));
  }
  return all;
}

Ref SymbolicWalk::without_template(Ref function) {
  const FreeId id = program_.template_variable();
  return id == no_free_variable ? function : diagram_.fix(function, layout_.level_of_free(id), 0);
}

Ref SymbolicWalk::enter(Path path, Ref function) {
  function = without_template(function);
  return diagram_.ite(possible(path), function, leaf(End::elsewhere));
}

Ref SymbolicWalk::untracked(Path path) {
  auto& known = untracked_[static_cast<std::size_t>(path)];
  if (known) return *known;
  const auto state = Layout::atom_of(CtState::untracked);
  // Seen from behind the runs before conntrack: accepted if untracked by then, else dropped.
  const Ref is_untracked = diagram_.disj(
      diagram_.interval(layout_.level_of(Field::ct_state), state, state), never_tracked());
  Ref there =
      from_entry(path, diagram_.ite(is_untracked, leaf(End::accept), leaf(End::drop)), false);
  if (path == Path::in) {
    // On loopback conntrack saw the packet when it went out; it comes in with the state it got.
    const Ref seen = seen_untracked();
    const Ref late = from_entry(path, leaf(End::accept), true);
    const Ref as_untracked = set_state(late, CtState::untracked);
    there = diagram_.ite(is_on_loopback(path), diagram_.ite(seen, as_untracked, leaf(End::drop)),
                         there);
  }
  known = diagram_.where(enter(path, there), number(End::accept));
  return *known;
}

Ref SymbolicWalk::decide(Path path) {
  auto& known = decisions_[static_cast<std::size_t>(path)];
  if (known) return *known;
  const Ref after = behind_conntrack(path);
  const Ref as_untracked = set_state(after, CtState::untracked);
  const Ref tracked = diagram_.ite(never_tracked(), as_untracked, after);
  Ref whole = from_entry(path, tracked, false);
  if (path == Path::in) {
    const Ref late = from_entry(path, tracked, true);
    const Ref late_untracked = set_state(late, CtState::untracked);
    const Ref told = diagram_.ite(seen_untracked(), late_untracked, late);
    // Where it is not known whether it went out untracked, it is decided where both ways agree.
    Ref agreed = leaf(End::unknown);
    Ref open = Diagram::no;
    if (outcomes_.have_effects()) {
      const auto lo = layout_.names().loopback();
      const auto state = Layout::atom_of(CtState::untracked);
      const Ref is_untracked = diagram_.interval(layout_.level_of(Field::ct_state), state, state);
      const Ref out = from_entry(
          Path::out, diagram_.ite(is_untracked, leaf(End::accept), leaf(End::drop)), false);
      open = diagram_.where(enter(Path::out, out), number(End::unknown));
      open = diagram_.fix(open, layout_.level_of(Field::out_interface), lo);
      open = diagram_.fix(open, layout_.level_of(Field::in_interface), NameDomain::absent());
      open = diagram_.minus(open, never_tracked());
    }
    if (open != Diagram::no) {
      const auto values = diagram_.values_of(late);
      for (const std::uint32_t value : std::vector<std::uint32_t>(values.begin(), values.end())) {
        const Ref both =
            diagram_.conj(diagram_.where(late, value), diagram_.where(late_untracked, value));
        agreed = diagram_.ite(both, Diagram::constant(value), agreed);
      }
    }
    const Ref seen = diagram_.ite(open, agreed, told);
    whole = diagram_.ite(is_on_loopback(path), seen, whole);
  }
  whole = enter(path, whole);
  Diagram::Relabelling to;
  for (const std::uint32_t value : diagram_.values_of(whole)) {
    const std::uint32_t decision = number(decision_of(static_cast<End>(value)));
    if (decision != value) to.emplace_back(value, decision);
  }
  known = diagram_.relabel(whole, to);
  return *known;
}

}  // namespace untrack
