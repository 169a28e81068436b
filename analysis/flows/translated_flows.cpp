// Flows::flows_of_bound: which flows rules bind, in the addresses that they have where a rule of
// the filter admits them: those that are translated ahead of it have others there than where they
// came in.
#include <algorithm>

#include "analysis/facts.hpp"
#include "analysis/flows/flows.hpp"
#include "analysis/program/destinations.hpp"

namespace untrack {
namespace {

const NatStatement* translation_ahead(const Ruleset& ruleset, const Run& run, RuleId rule) {
  const auto* nat = find_statement<NatStatement>(ruleset, ruleset[rule]);
  const bool is_ahead = run.hook == Hook::prerouting || run.hook == Hook::output;
  return nat != nullptr && is_ahead && sets_destination(*nat) ? nat : nullptr;
}

// The rule names the address as a destination, alone or with few others.
bool names_destination(const Ruleset& ruleset, const Rule& rule, Number address) {
  return std::ranges::any_of(slice(ruleset.parts, rule.parts), [&](const RulePart& part) {
    const auto* test = match_as<FieldTest>(part);
    if (test == nullptr || test->negated || test->field != Field::destination_address) return false;
    return std::ranges::any_of(slice(ruleset.intervals, test->values), [&](const Interval& range) {
      constexpr Number few = 1U << 16U;
      return address >= range.first && address <= range.last && range.last - range.first < few;
    });
  });
}

}  // namespace

// Rules of FORWARD let packets to that address pass: it is none of this host's.
bool Flows::leads_to_another_host(const NatStatement& nat) {
  if (nat.kind == NatKind::redirect || nat.addresses.count == 0) return false;
  const Program& program = this->program();
  const Ruleset& ruleset = program.ruleset();
  const Number address = ruleset.intervals[nat.addresses.first].first;
  return std::ranges::any_of(reach_of_first(Path::forward).rules, [&](const RuleReach& row) {
    const Rule& rule = ruleset[row.rule];
    return program.runs(Path::forward)[row.run].hook == Hook::forward && accepts(ruleset, rule) &&
           row.matches != Diagram::no && names_destination(ruleset, rule, address);
  });
}

// The flows as the rule leaves them.
Ref Flows::as_translated(Ref flows, const NatStatement& nat, Path path) {
  Diagram& d = world_.diagram();
  const Ruleset& ruleset = program().ruleset();
  const auto set = [&](Field field, const PoolRange<Interval>& values, bool is_any) {
    if (values.count == 0 && !is_any) return;
    std::vector<bool> gone(d.level_count());
    gone[world_.layout().level_of(field)] = true;
    flows = d.exists(flows, gone);
    if (values.count == 0) return;
    Ref given = Diagram::no;
    for (const Interval& range : slice(ruleset.intervals, values)) {
      given = d.disj(given, world_.range(field, range));
    }
    flows = d.conj(flows, given);
  };
  set(Field::destination_address, nat.addresses, nat.kind != NatKind::dnat);
  set(Field::destination_port, nat.ports, false);
  if (path != Path::out) set(Field::destination_type, {}, true);
  return flows;
}

// In the order of bound_rules().
const std::vector<Ref>& Flows::flows_of_bound() {
  if (flows_of_bound_) return *flows_of_bound_;
  Diagram& d = world_.diagram();
  const Ruleset& ruleset = program().ruleset();
  std::vector<Ref> all;
  for (const BoundRule& bound : bound_rules()) all.push_back(bound.flows);
  for (const BoundRule& leading : bound_rules()) {
    const Path path = leading.path;
    const auto* nat = translation_ahead(ruleset, program().runs(path)[leading.run], leading.rule);
    if (nat == nullptr || (path == Path::forward && nat->kind == NatKind::redirect)) continue;
    if (path == Path::in && leads_to_another_host(*nat)) continue;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const BoundRule& bound = bound_rules()[i];
      const bool is_same = bound.path == path && bound.rule == leading.rule;
      // Of other translations of destinations the first one counts.
      if (bound.path != path || bound.run > leading.run) continue;
      if (!is_same && find_statement<NatStatement>(ruleset, ruleset[bound.rule])) continue;
      const Ref moved = d.conj(bound.flows, leading.flows);
      if (moved != Diagram::no) all[i] = d.disj(all[i], as_translated(moved, *nat, path));
    }
  }
  flows_of_bound_ = std::move(all);
  return *flows_of_bound_;
}

}  // namespace untrack
