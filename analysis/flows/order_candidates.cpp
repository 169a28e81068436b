#include "analysis/flows/order_candidates.hpp"

#include <algorithm>
#include <array>

#include "analysis/walk/sample.hpp"
#include "analysis/walk/symbolic.hpp"

namespace untrack {
namespace {

// The look-up of a part that is computed from the packet, in a map or a set; null: none.
const SetTest* looked_up(const Program& program, std::uint32_t part) {
  const Ruleset& ruleset = program.ruleset();
  const RulePart& row = ruleset.parts[part];
  if (const auto* match = std::get_if<Match>(&row.what)) {
    const auto* test = std::get_if<SetTest>(match);
    return test != nullptr && test->set.names_something() && program.kind(part) == PartKind::test
               ? test
               : nullptr;
  }
  const auto* map = std::get_if<VerdictMapStatement>(&std::get<Statement>(row.what));
  return map != nullptr && program.kind(part) == PartKind::statement ? &ruleset[*map].key : nullptr;
}

// What a map or set of addresses or ports takes at least: a step for each element, and for each gap
// between two that stand in order. Of a set, neighbours are one.
std::size_t least_steps(const Program& program, std::uint32_t part) {
  const SetTest* const key = looked_up(program, part);
  if (key == nullptr) return 0;
  const NamedSet& set = program.ruleset()[key->set];
  constexpr std::array plain = {Field::source_address, Field::destination_address,
                                Field::source_port, Field::destination_port};
  const bool is_plain = key->field_count == 1 && set.fields.size() == 1 &&
                        std::ranges::find(plain, key->fields[0]) != plain.end();
  if (!is_plain) return 0;
  const std::size_t of_neighbours = set.kind == SetKind::nft_verdict_map ? 1 : 0;
  std::size_t steps = 0;
  for (std::size_t i = 1; i < set.keys.size(); ++i) {
    if (set.keys[i].first <= set.keys[i - 1].last) continue;
    steps += set.keys[i].first - set.keys[i - 1].last > 1 ? 2 : of_neighbours;
  }
  return steps;
}

std::size_t least_steps(const Program& program) {
  const Ruleset& ruleset = program.ruleset();
  std::size_t most = 0;
  for (const Path path : all_paths) {
    for (const Run& run : program.runs(path)) {
      for (const RuleId id : ruleset[run.chain].rules) {
        const Rule& rule = ruleset[id];
        for (std::uint32_t i = 0; i < rule.parts.count; ++i) {
          const std::uint32_t part = rule.parts.first + i;
          const auto* match = std::get_if<Match>(&ruleset.parts[part].what);
          const auto* family = match == nullptr ? nullptr : std::get_if<FamilyTest>(match);
          if (family != nullptr && !family->ip_versions.has(program.version())) break;
          most = std::max(most, least_steps(program, part));
        }
      }
    }
  }
  return most;
}

}  // namespace

std::size_t least_steps(std::span<const Program* const> programs) {
  std::size_t least = 0;
  for (const Program* program : programs) least = std::max(least, least_steps(*program));
  return least;
}

// What an order takes for a sample of a large ruleset tells which is best for all of it, and which
// are hopeless: the whole takes no less a rule than the sample.
std::vector<OrderCandidate> order_candidates(std::span<const Program* const> programs,
                                             const Distinctions& distinctions,
                                             std::size_t most_steps) {
  std::size_t rules = 0;
  for (const Program* program : programs) rules += program->ruleset().rules.size();
  constexpr std::size_t large = 600;
  // Of rulesets of some hundred rules a failure is cheap, too.
  const std::size_t wanted = std::clamp<std::size_t>(rules / 12, 50, 500);
  std::vector<OrderCandidate> all;
  all.reserve(all_orders.size());
  for (const Order order : all_orders) all.push_back({order, 0, 0});
  if (rules < large) return all;
  const auto count = [](const RuleSet& set) {
    return static_cast<std::size_t>(std::ranges::count(set, true));
  };
  std::vector<RuleSet> samples;
  samples.reserve(programs.size());
  std::size_t sampled = 1;
  std::size_t whole = 0;  // what packets of the family come to
  for (const Program* program : programs) {
    samples.push_back(sample_rules(*program, rules / wanted));
    sampled += count(samples.back());
    whole += count(sample_rules(*program, 1));
  }
  // Behind that, the whole takes more than it is given.
  const std::size_t most_of_sample =
      std::min<std::size_t>(1'000'000, most_steps / std::max<std::size_t>(1, whole / sampled) + 1);
  std::size_t most_of_next = most_of_sample;
  for (OrderCandidate& candidate : all) {
    const Layout layout(programs, distinctions, candidate.order, samples);
    Diagram diagram(layout.sizes(), {.steps = most_of_next});
    const auto decided = within_budget([&] {
      for (std::size_t i = 0; i < programs.size(); ++i) {
        SymbolicWalk walk(*programs[i], layout, diagram, &samples[i]);
        for (const Path path : all_paths) (void)walk.decide(path);
      }
      return true;
    });
    candidate.least = diagram.steps() * whole / sampled;
    candidate.cost = candidate.least;
    // Those with the kind of packet in front have to be better by a twelfth: flat lists of
    // addresses take about as many steps under them, and more memory behind the decisions.
    const bool has_kind_in_front =
        candidate.order == Order::kind_first || candidate.order == Order::service_first;
    if (has_kind_in_front) candidate.cost += candidate.least / 12;
    // What takes four times as much as another one is not worth to be known closer.
    if (decided) most_of_next = std::min(most_of_next, 4 * diagram.steps());
  }
  std::ranges::stable_sort(all, {}, &OrderCandidate::cost);
  return all;
}

}  // namespace untrack
