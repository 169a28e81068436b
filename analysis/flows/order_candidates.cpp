#include "analysis/flows/order_candidates.hpp"

#include <algorithm>

#include "analysis/walk/sample.hpp"
#include "analysis/walk/symbolic.hpp"

namespace untrack {

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
  for (OrderCandidate& candidate : all) {
    const Layout layout(programs, distinctions, candidate.order, samples);
    Diagram diagram(layout.sizes(), {.steps = most_of_sample});
    (void)within_budget([&] {
      for (std::size_t i = 0; i < programs.size(); ++i) {
        SymbolicWalk walk(*programs[i], layout, diagram, &samples[i]);
        for (const Path path : all_paths) (void)walk.decide(path);
      }
      return true;
    });
    candidate.least = diagram.steps() * whole / sampled;
    candidate.cost = candidate.least;
    // What is asked behind the decisions is cheapest under the first order, as a rule: another one
    // has to be better by a quarter.
    if (candidate.order == all_orders.front()) candidate.cost -= candidate.least / 4;
    // With the services in front it is dearest: of kube with 10,000 rules this order takes a
    // quarter fewer steps to decide than destination_first, and a tenth more memory and no less
    // time for the whole audit; no shape of bench/ is the worse for it.
    if (candidate.order == Order::service_first) candidate.cost += candidate.least / 2;
  }
  std::ranges::stable_sort(all, {}, &OrderCandidate::cost);
  return all;
}

}  // namespace untrack
