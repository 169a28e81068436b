// What statements do to the packets that they let go on, as assignments to the variables of the
// layout. Apart from symbolic.cpp, which says in what order they act.
#include <algorithm>

#include "analysis/program/destinations.hpp"
#include "analysis/walk/symbolic.hpp"

namespace untrack {
Effects SymbolicWalk::effects_of(std::uint32_t part, const View& view) const {
  const auto* statement = std::get_if<Statement>(&program_.ruleset().parts[part].what);
  if (statement == nullptr) {
    if (!program_.may_turn_out_otherwise(part)) return {};
    return {{layout_.level_of_free(program_.variable(part)), 0, 1}};
  }
  const auto& blocks = layout_.marks().blocks();
  Effects effects;
  for (std::size_t i = 0; program_.leaves_mark_open(part) && i < blocks.size(); ++i) {
    Diagram::Atom first = 0;
    Diagram::Atom last = blocks[i].values.size() - 1;
    if (open_mark_) {
      first = last = blocks[i].values.atom_of(MarkBlocks::press(*open_mark_, blocks[i].mask));
    }
    effects.push_back({layout_.level_of_block(i), first, last});
  }
  if (std::holds_alternative<NotrackStatement>(*statement)) {
    // Where nothing tracks there is no state to set.
    if (view.is_before_conntrack && !view.is_seen && program_.tracks() &&
        program_.obeys_notrack()) {
      const auto untracked = Layout::atom_of(CtState::untracked);
      effects.push_back({layout_.level_of(Field::ct_state), untracked, untracked});
    }
  } else if (program_.template_variable() != no_free_variable && program_.gives_template(part)) {
    if (view.is_before_conntrack && !view.is_seen) {
      effects.push_back({layout_.level_of_free(program_.template_variable()), 1, 1});
    }
  } else if (const auto* mark = std::get_if<MarkStatement>(statement)) {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      const std::uint32_t bits = blocks[i].mask;
      const std::uint32_t toggled = mark->value & ~mark->mask & bits;
      if ((mark->mask & bits) == 0 && toggled == 0) continue;
      if ((mark->mask & bits) == bits) {
        const auto atom = blocks[i].values.atom_of(MarkBlocks::press(mark->value, bits));
        effects.push_back({layout_.level_of_block(i), atom, atom});
      } else {
        effects.push_back({layout_.level_of_block(i), 0, blocks[i].values.size() - 1});
      }
    }
  } else if (const auto* nat = std::get_if<NatStatement>(statement)) {
    // NETMAP maps the source behind the filter chains, like SNAT.
    if (sets_destination(*nat) &&
        !(nat->kind == NatKind::netmap && view.has_out_interface && view.path != Path::out)) {
      const auto assign = [&](Field field, const PoolRange<Interval>& given, bool is_any) {
        const NumberDomain& domain = layout_.numbers(field);
        if (given.count > 0) {
          const Interval& range = program_.ruleset().intervals[given.first];
          const auto [first, last] = domain.atoms_of(range);
          effects.push_back({layout_.level_of(field), first, last});
        } else if (is_any) {
          effects.push_back({layout_.level_of(field), 0, domain.size() - 1});
        }
      };
      assign(Field::destination_address, nat->addresses, nat->kind != NatKind::dnat);
      assign(Field::destination_port, nat->ports, false);
      const NumberDomain& types = layout_.numbers(Field::destination_type);
      if (view.path != Path::out || nat->kind == NatKind::redirect) {
        // REDIRECT leads to this host, whatever way the packet was on.
        const bool is_local = view.path == Path::in || nat->kind == NatKind::redirect;
        const Number type = is_local ? address_type::local : address_type::unicast;
        const auto atom = types.atom_of(type);
        effects.push_back({layout_.level_of(Field::destination_type), atom, atom});
      } else {
        effects.push_back({layout_.level_of(Field::destination_type), 0, types.size() - 1});
      }
    }
  }
  if (const auto set = program_.followed_address(*statement)) {
    const Field field = *std::get<OpaqueStatement>(*statement).writes;
    const bool is_destination = field == Field::destination_address;
    const auto [first, last] = layout_.numbers(field).atoms_of(*set);
    effects.push_back({layout_.level_of(field), first, last});
    const Field type = is_destination ? Field::destination_type : Field::source_type;
    const NumberDomain& types = layout_.numbers(type);
    if (is_destination && !view.has_out_interface) {
      // In front of routing, which the way that is asked about has decided.
      const auto atom =
          types.atom_of(view.path == Path::in ? address_type::local : address_type::unicast);
      effects.push_back({layout_.level_of(type), atom, atom});
    } else {
      effects.push_back({layout_.level_of(type), 0, types.size() - 1});
    }
    // A chain of type route has the way out looked up again.
    if (view.path == Path::out) {
      effects.push_back({layout_.level_of(Field::out_interface), 0, layout_.names().size() - 1});
    }
  }
  std::ranges::sort(effects);
  return effects;
}

const std::vector<bool>& SymbolicWalk::changed_levels() {
  if (!changed_levels_.empty()) return changed_levels_;
  std::vector<View> views;
  for (const Path path : all_paths) {
    for (const Run& run : program_.runs(path)) {
      const View view = view_of(path, run);
      if (std::ranges::find(views, view) == views.end()) views.push_back(view);
    }
  }
  std::vector<bool> changed(diagram_.level_count());
  const auto look_at = [&](PoolRange<RulePart> parts) {
    for (std::uint32_t part = parts.first; part < parts.first + parts.count; ++part) {
      for (const View& view : views) {
        for (const Assignment& set : effects_of(part, view)) changed[set.level] = true;
      }
    }
  };
  for (std::size_t i = 0; i < program_.ruleset().chains.size(); ++i) {
    for (const RuleId rule : rules_of(ChainId(i))) look_at(program_.ruleset()[rule].parts);
  }
  changed_levels_ = std::move(changed);
  return changed_levels_;
}

}  // namespace untrack
