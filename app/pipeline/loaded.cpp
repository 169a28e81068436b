#include "app/pipeline/loaded.hpp"

#include <algorithm>
#include <utility>

#include "analysis/conntrack/tracking.hpp"

namespace untrack {

bool Loaded::is_fully_understood() const {
  return !given.empty() &&
         std::none_of(ruleset.problems.begin(), ruleset.problems.end(),
                      [](const Problem& problem) { return problem.kind != ProblemKind::note; });
}

Loaded load(std::vector<InputText> inputs, const std::optional<Format>& format,
            const std::optional<IpVersion>& ip_version) {
  Loaded loaded;
  loaded.sources = std::make_unique<Sources>();
  loaded.ruleset = parse_texts(std::move(inputs), *loaded.sources, format, ip_version);
  for (const InputSummary& input : loaded.ruleset.inputs) {
    loaded.given = loaded.given | input.ip_versions;
  }
  return loaded;
}

bool may_track(const Ruleset& ruleset, IpVersion version,
               const std::optional<KernelVersion>& kernel) {
  return find_tracking(ruleset, kernel)[version].state != TrackingState::not_forced;
}

std::size_t rule_count(const Ruleset& ruleset, IpVersion version) {
  std::size_t count = 0;
  for (const Chain& chain : ruleset.chains) {
    if (ip_versions(ruleset[chain.table].family).has(version)) count += chain.rules.size();
  }
  return count;
}

bool is_tracked(const Loaded& loaded, IpVersion version,
                const std::optional<KernelVersion>& kernel) {
  return loaded.translated_with_state.has(version) || may_track(loaded.ruleset, version, kernel);
}

}  // namespace untrack
