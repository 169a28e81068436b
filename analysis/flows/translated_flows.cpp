// Flows::flows_of_bound: which flows rules bind, in the addresses that they have where a rule of
// the filter admits them: those that are translated ahead of it have others there than where they
// came in.
#include <algorithm>
#include <optional>
#include <vector>

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

// The destinations that a rule names, where they are few.
void add_named_destinations(const Ruleset& ruleset, const Rule& rule,
                            std::vector<Interval>& named) {
  constexpr Number few = 1U << 16U;
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* test = match_as<FieldTest>(part);
    if (test == nullptr || test->negated || test->field != Field::destination_address) continue;
    for (const Interval& range : slice(ruleset.intervals, test->values)) {
      if (range.last - range.first < few) named.push_back(range);
    }
  }
}

}  // namespace

// Rules of FORWARD let packets to such an address pass: it is none of this host's.
std::vector<Interval> Flows::forwarded_destinations() {
  const Program& program = this->program();
  const Ruleset& ruleset = program.ruleset();
  std::vector<Interval> named;
  for (const RuleReach& row : reach_of_first(Path::forward).rules) {
    const bool is_forward = program.runs(Path::forward)[row.run].hook == Hook::forward;
    if (!is_forward || row.matches == Diagram::no || !accepts(ruleset, ruleset[row.rule])) continue;
    add_named_destinations(ruleset, ruleset[row.rule], named);
  }
  return named;
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
  std::optional<std::vector<Interval>> forwarded;
  std::vector<std::size_t> others;  // of the translations of a packet only the first one counts
  for (std::size_t i = 0; i < bound_rules().size(); ++i) {
    const BoundRule& bound = bound_rules()[i];
    all.push_back(bound.flows);
    if (!find_statement<NatStatement>(ruleset, ruleset[bound.rule])) others.push_back(i);
  }
  for (std::size_t k = 0; k < all.size(); ++k) {
    const BoundRule& leading = bound_rules()[k];
    const Path path = leading.path;
    const auto* nat = translation_ahead(ruleset, program().runs(path)[leading.run], leading.rule);
    if (nat == nullptr || (path == Path::forward && nat->kind == NatKind::redirect)) continue;
    if (path == Path::in && nat->addresses.count > 0 && nat->kind != NatKind::redirect) {
      if (!forwarded) forwarded = forwarded_destinations();
      const Number address = ruleset.intervals[nat->addresses.first].first;
      const bool is_forwarded = std::ranges::any_of(*forwarded, [&](const Interval& range) {
        return address >= range.first && address <= range.last;
      });
      if (is_forwarded) continue;
    }
    all[k] = d.disj(all[k], as_translated(leading.flows, *nat, path));
    for (const std::size_t i : others) {
      const BoundRule& bound = bound_rules()[i];
      if (bound.path != path || bound.run > leading.run) continue;
      const Ref moved = d.conj(bound.flows, leading.flows);
      if (moved != Diagram::no) all[i] = d.disj(all[i], as_translated(moved, *nat, path));
    }
  }
  flows_of_bound_ = std::move(all);
  return *flows_of_bound_;
}

}  // namespace untrack
