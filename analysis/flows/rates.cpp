// Flows: what a rate or a count (limit, quota, statistic) means for flows. Where connections are
// tracked it is asked once a flow; where they are not, for each packet that looks like a first one.
#include "analysis/flows/flows.hpp"

namespace untrack {

Ref Flows::refused_by_rate(Path path) {
  Diagram& d = world_.diagram();
  Ref rated = Diagram::no;
  if (assumptions_.has(Assumption::rate_per_packet)) rated = d.negate(datagrams());
  if (assumptions_.has(Assumption::rate_per_datagram)) rated = d.disj(rated, datagrams());
  return rated == Diagram::no ? rated : d.conj(refused_at_times(path), rated);
}

// What has no flags or types by which later packets could be told from the first.
Ref Flows::datagrams() {
  Diagram& d = world_.diagram();
  return d.negate(
      d.disj(world_.protocol(ip_protocol::tcp), world_.protocol(icmp_of(world_.version()))));
}

Ref Flows::refused_at_times(Path path) {
  auto& known = memo(path).refused_at_times;
  if (known) return *known;
  Diagram& d = world_.diagram();
  const FreeVariables& variables = world_.walk(program_).program().variables();
  std::vector<bool> rates(d.level_count());
  for (FreeId id = 0; id < world_.layout().free_count(); ++id) {
    rates[world_.layout().level_of_free(id)] = variables[id].scope == FreeScope::packet;
  }
  const Ref accepted = world_.may_accept(program_, path, CtState::new_);
  known = d.conj(world_.initiators(false, true), d.minus(d.exists(accepted, rates), accepted));
  return *known;
}

Ref Flows::tied_to_rates(Path path) {
  if (assumptions_.has(Assumption::rate_per_datagram)) return Diagram::no;
  return world_.diagram().conj(refused_at_times(path), datagrams());
}

std::optional<BoundRule> Flows::rate_of(Path path, Ref flows) {
  Diagram& d = world_.diagram();
  const Ref tied = tied_to_rates(path);
  if (tied != Diagram::no) flows = d.conj(flows, world_.flow_of(tied));
  if (tied == Diagram::no || flows == Diagram::no) return std::nullopt;
  const Program& asked = program();
  const Ruleset& ruleset = asked.ruleset();
  // A condition; else what chooses for each packet: a program behind a queue, a map of chance.
  const auto is_condition = [&](std::uint32_t part) {
    return asked.kind(part) == PartKind::free_test &&
           asked.variables()[asked.variable(part)].scope == FreeScope::packet;
  };
  const auto is_choice = [&](std::uint32_t part) {
    const auto* statement = std::get_if<Statement>(&ruleset.parts[part].what);
    return asked.kind(part) == PartKind::free_end ||
           (statement != nullptr && std::holds_alternative<VerdictMapStatement>(*statement));
  };
  const auto first_with = [&](const auto& wanted) -> std::optional<BoundRule> {
    for (const RuleReach& row : reach_of_first(path).rules) {
      if (row.matches == Diagram::no || !d.intersects(flows, world_.flow_of(row.matches))) continue;
      const auto parts = ruleset[row.rule].parts;
      for (std::uint32_t i = parts.first; i < parts.first + parts.count; ++i) {
        if (!wanted(i) || !ruleset.parts[i].construct.names_something()) continue;
        return BoundRule{row.rule, ruleset.parts[i].construct, path, tied, flows};
      }
    }
    return std::nullopt;
  };
  if (auto found = first_with(is_condition)) return found;
  if (auto found = first_with(is_choice)) return found;
  return BoundRule{{}, {}, path, tied, flows};
}

}  // namespace untrack
