#include "analysis/flows/causes.hpp"

#include <algorithm>
#include <optional>

#include "analysis/walk/reach.hpp"

namespace untrack {
namespace {

std::optional<std::size_t> last_filtering_run(const Program& program, Path path) {
  const auto runs = program.runs(path);
  for (std::size_t i = runs.size(); i-- > 0;) {
    if (filters(runs[i], path)) return i;
  }
  return std::nullopt;
}

// Accepts, or may: nobody knows what an unknown target or the program behind a queue does.
bool may_accept(const Program& program, const Rule& rule) {
  for (std::uint32_t i = 0; i < rule.parts.count; ++i) {
    const std::uint32_t part = rule.parts.first + i;
    const PartKind kind = program.kind(part);
    if (kind == PartKind::free_end || kind == PartKind::free_accept) return true;
    const auto* statement = std::get_if<Statement>(&program.ruleset().parts[part].what);
    const auto* verdict = statement == nullptr ? nullptr : std::get_if<VerdictStatement>(statement);
    if (verdict != nullptr && verdict->verdict == Verdict::accept) return true;
  }
  return false;
}

}  // namespace

std::vector<Decider> causes_of(World& world, std::size_t program, Path path, Ref packets) {
  std::vector<Decider> causes;
  SymbolicWalk& walk = world.walk(program);
  const auto run = last_filtering_run(walk.program(), path);
  if (!run) return causes;
  const Ruleset& ruleset = walk.program().ruleset();
  const PathReach all = reach(walk, path, packets);
  for (const RuleReach& row : all.rules) {
    if (row.run != *run || row.matches == Diagram::no) continue;
    if (may_accept(walk.program(), ruleset[row.rule])) causes.push_back({row.rule, row.chain});
  }
  for (const PolicyReach& row : all.policies) {
    if (row.run != *run || row.reaches == Diagram::no) continue;
    if (ruleset[row.chain].base->policy == Policy::accept) causes.push_back({RuleId(), row.chain});
  }
  // An id that names nothing is the largest: policies come last.
  std::ranges::sort(causes);
  causes.erase(std::unique(causes.begin(), causes.end()), causes.end());
  return causes;
}

}  // namespace untrack
