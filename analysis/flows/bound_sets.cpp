// Comparison: what is untracked by halves, or although something needs its entry, and what has lost
// the thing that it was bound to.
#include <fmt/format.h>

#include <algorithm>

#include "analysis/flows/obligation_sets.hpp"

namespace untrack {
namespace {

// Two constructs that do the same thing.
std::string specification(const Ruleset& ruleset, const Construct& construct) {
  std::vector<std::string> options;
  for (const OptionUse& option : slice(ruleset.options, construct.options)) {
    options.push_back(fmt::format("{}--{} {}", option.negated ? "! " : "",
                                  option.row == nullptr ? option.name : option.row->name,
                                  option.value));
  }
  std::ranges::sort(options);
  std::string text(construct.extension == nullptr ? construct.name : construct.extension->name);
  for (const std::string& option : options) text += ' ' + option;
  return text;
}

}  // namespace

Ref Comparison::untracked_on(Path path) {
  const Ref untracked = world_.untracked(1, path);
  if (path != Path::forward) return untracked;
  // RTN_UNICAST, linux/rtnetlink.h.
  return world_.diagram().conj(untracked, world_.range(Field::destination_type, {1, 1}));
}

std::optional<Violation> Comparison::lost_binding() {
  Diagram& d = world_.diagram();
  const Ruleset& before = world_.walk(0).program().ruleset();
  const Ruleset& after = world_.walk(1).program().ruleset();
  for (const BoundRule& bound : old_.bound_rules()) {
    const Construct& construct = before[bound.construct];
    if (construct.kind != catalog::ExtensionKind::target) continue;
    const std::string wanted = specification(before, construct);
    Ref lost = d.conj(bound.packets,
                      d.conj(old_.assumed_sources(bound.path), old_.assumed_protocols(bound.path)));
    for (const BoundRule& other : new_.bound_rules()) {
      if (other.path == bound.path && specification(after, after[other.construct]) == wanted) {
        lost = d.minus(lost, other.packets);
      }
    }
    if (lost == Diagram::no) continue;
    // As it is where the rule stands; the state is that of a first packet.
    return Violation{
        bound.path,
        d.fix(lost, world_.layout().level_of(Field::ct_state), Layout::atom_of(CtState::new_)),
        CtState::new_, CtState::new_,
        fmt::format("begins a flow to which \"{}\" applied, and no longer does", wanted)};
  }
  return std::nullopt;
}

std::optional<Violation> Comparison::half_untracked() {
  Diagram& d = world_.diagram();
  for (const Path path : all_paths) {
    const Path back = opposite(path);
    const Ref here = world_.untracked(1, path);
    const Ref there = world_.untracked(1, back);
    if (here == Diagram::no && there == Diagram::no) continue;
    const Ref answers_tracked = world_.mirrored(
        world_.flow_of(d.minus(d.conj(world_.replies(), world_.on_way(back)), there)));
    const Ref flows = d.conj(old_.flows(path), to_one_host());
    Ref half = d.conj(d.conj(flows, world_.flow_of(here)), answers_tracked);
    if (half != Diagram::no) {
      const Ref first = d.conj(half, d.conj(old_.permitted(path), here));
      return Violation{path, first != Diagram::no ? first : d.conj(half, here), CtState::new_,
                       CtState::new_, "is untracked, and what answers it is tracked"};
    }
    const Ref tracked = d.minus(d.conj(world_.continuations(), world_.on_way(path)), here);
    half = d.conj(d.conj(d.conj(old_.permitted(path), to_one_host()), tracked),
                  world_.mirrored(world_.flow_of(d.conj(world_.replies(), there))));
    if (half != Diagram::no) {
      return Violation{path, half, CtState::new_, CtState::new_,
                       "is tracked, and what answers it is not"};
    }
  }
  return std::nullopt;
}

std::optional<Violation> Comparison::untracked_but_bound() {
  Diagram& d = world_.diagram();
  const Ruleset& before = world_.walk(0).program().ruleset();
  for (const BoundRule& bound : old_.bound_rules()) {
    const Path back = opposite(bound.path);
    const std::string what = specification(before, before[bound.construct]);
    const Ref here =
        d.conj(d.conj(bound.flows, old_.flows(bound.path)), world_.untracked(1, bound.path));
    if (here != Diagram::no) {
      return Violation{bound.path, here, CtState::new_, CtState::new_,
                       fmt::format("is untracked, and \"{}\" needs its entry", what)};
    }
    const Ref answers =
        d.conj(d.conj(world_.mirrored(bound.flows), world_.replies()), untracked_on(back));
    if (answers != Diagram::no) {
      return Violation{back, answers, CtState::established, CtState::established,
                       fmt::format("answers a flow for which \"{}\" needs an entry, and is "
                                   "untracked",
                                   what)};
    }
    // Answers to what was translated on its way out come to an address of this host, and look
    // as if they were for it until the entry says otherwise.
    const Rule& rule = before[bound.rule];
    for (const RulePart& part : slice(before.parts, rule.parts)) {
      const auto* statement = std::get_if<Statement>(&part.what);
      const auto* nat = statement == nullptr ? nullptr : std::get_if<NatStatement>(statement);
      if (nat == nullptr || (nat->kind != NatKind::masquerade && nat->kind != NatKind::snat)) {
        continue;
      }
      std::vector<bool> gone(d.level_count());
      for (const Field field :
           {Field::destination_address, Field::destination_type, Field::out_interface}) {
        gone[world_.layout().level_of(field)] = true;
      }
      Ref on_wire = d.exists(world_.mirrored(bound.flows), gone);
      if (nat->kind == NatKind::snat && nat->addresses.count > 0) {
        on_wire = d.conj(on_wire, world_.range(Field::destination_address,
                                               before.intervals[nat->addresses.first]));
      }
      on_wire = d.conj(on_wire, d.conj(world_.replies(), world_.on_way(Path::in)));
      const Ref lost = d.conj(on_wire, world_.untracked(1, Path::in));
      if (lost != Diagram::no) {
        return Violation{Path::in, lost, CtState::established, CtState::established,
                         fmt::format("comes back to this host for a flow that \"{}\" translated, "
                                     "and is untracked before it can be translated back",
                                     what)};
      }
    }
  }
  return std::nullopt;
}

}  // namespace untrack
