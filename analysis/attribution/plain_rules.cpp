#include "analysis/attribution/plain_rules.hpp"

#include <algorithm>
#include <span>

namespace untrack {
namespace {

PlainRule::End end_of(const Statement& statement) {
  if (std::holds_alternative<RejectStatement>(statement)) return PlainRule::End::drops;
  const auto* verdict = std::get_if<VerdictStatement>(&statement);
  if (verdict == nullptr) return PlainRule::End::is_not_plain;
  switch (verdict->verdict) {
    case Verdict::accept:
      return PlainRule::End::accepts;
    case Verdict::drop:
    case Verdict::stolen:
    case Verdict::queue:
      return PlainRule::End::drops;
    case Verdict::return_:
      return PlainRule::End::returns;
    case Verdict::continue_:
      return PlainRule::End::goes_on;
  }
  return PlainRule::End::is_not_plain;
}

// Takes the test into `plain`; false: it is of another kind, or the second one of its field.
bool take(const Ruleset& ruleset, const Match& match, std::vector<Field>& seen, PlainRule& plain) {
  const auto* test = std::get_if<FieldTest>(&match);
  if (test == nullptr || test->negated || test->mask != 0xffffffffU) return false;
  if (std::ranges::find(seen, test->field) != seen.end()) return false;
  seen.push_back(test->field);
  // The index has looked at these.
  if (test->field == Field::source_address || test->field == Field::destination_address)
    return true;
  const IntervalSlice values = slice(ruleset.intervals, test->values);
  if (values.size() != 1) return false;
  const Interval only = values.front();
  if (test->field == Field::protocol && only.last <= 255) {
    plain.first_protocol = static_cast<std::uint8_t>(only.first);
    plain.last_protocol = static_cast<std::uint8_t>(only.last);
    return true;
  }
  const bool is_source = test->field == Field::source_port;
  if ((!is_source && test->field != Field::destination_port) || only.last > 0xffff) return false;
  (is_source ? plain.source : plain.destination) = {static_cast<std::uint16_t>(only.first),
                                                    static_cast<std::uint16_t>(only.last)};
  plain.asks_for_ports = true;
  return true;
}

PlainRule plain_rule(const Program& program, const Rule& rule) {
  const Ruleset& ruleset = program.ruleset();
  PlainRule plain;
  std::vector<Field> seen;
  for (std::uint32_t i = 0; i < rule.parts.count; ++i) {
    const std::uint32_t part = rule.parts.first + i;
    const auto& what = ruleset.parts[part].what;
    if (const auto* match = std::get_if<Match>(&what)) {
      const bool is_test = program.kind(part) == PartKind::test;
      if (!is_test || !take(ruleset, *match, seen, plain)) return {};
      continue;
    }
    if (program.kind(part) != PartKind::statement) return {};
    const auto& statement = std::get<Statement>(what);
    if (std::holds_alternative<PassiveStatement>(statement)) continue;
    plain.end = end_of(statement);
    // What stands behind it, if anything, is of a rule that goes on.
    const bool is_last = i + 1 == rule.parts.count;
    return plain.end == PlainRule::End::goes_on && !is_last ? PlainRule() : plain;
  }
  plain.end = PlainRule::End::goes_on;
  return plain;
}

}  // namespace

std::vector<PlainRule> plain_rules(const Program& program, const Chain& chain,
                                   const RuleIndex& index) {
  std::vector<PlainRule> plain(chain.rules.size());
  for (std::size_t i = 0; i < plain.size(); ++i) {
    if (index.is_exact(i)) plain[i] = plain_rule(program, program.ruleset()[chain.rules[i]]);
  }
  return plain;
}

}  // namespace untrack
