#include "analysis/walk/sample.hpp"

#include "model/jumps.hpp"

namespace untrack {

RuleSet sample_rules(const Program& program, std::size_t every) {
  // What a service, a pair of zones is: half of it would have another shape.
  constexpr std::size_t short_chain = 16;
  const Ruleset& ruleset = program.ruleset();
  RuleSet sample(ruleset.rules.size());
  std::vector<bool> is_seen(ruleset.chains.size());
  std::vector<ChainId> open;
  const auto visit = [&](ChainId chain) {
    if (is_seen[chain.index()]) return;
    is_seen[chain.index()] = true;
    open.push_back(chain);
  };
  for (const Path path : all_paths) {
    for (const Run& run : program.runs(path)) visit(run.chain);
  }
  while (!open.empty()) {
    const std::vector<RuleId>& rules = ruleset[open.back()].rules;
    open.pop_back();
    for (std::size_t i = 0; i < rules.size(); ++i) {
      // Not at even distances: lists often repeat themselves.
      if (rules.size() > short_chain && (i * 2654435761U >> 7U) % every != 0) continue;
      sample[rules[i].index()] = true;
      for_each_called_chain(ruleset, rules[i], visit);
    }
  }
  return sample;
}

}  // namespace untrack
