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

// Rules see packets as they entered: nothing that stands in the ruleset changes what is asked.
bool changes_nothing(SymbolicWalk& walk) {
  return !walk.program().tracks() && walk.outcomes().size() == Outcomes().size();
}

}  // namespace

std::vector<Decider> causes_of(World& world, std::size_t program, Path path, Ref packets) {
  return causes_of_each(world, program, path, std::span(&packets, 1)).front();
}

std::vector<std::vector<Decider>> causes_of_each(World& world, std::size_t program, Path path,
                                                 std::span<const Ref> sets) {
  std::vector<std::vector<Decider>> causes(sets.size());
  SymbolicWalk& walk = world.walk(program);
  const auto run = last_filtering_run(walk.program(), path);
  if (!run) return causes;
  const Ruleset& ruleset = walk.program().ruleset();
  const ReachQuestion question{.wanted = rules_where(ruleset, [&](const Rule& rule) {
                                 return may_accept(walk.program(), rule);
                               })};
  Diagram& d = world.diagram();
  const auto look = [&](Ref entering, std::size_t first, std::size_t end) {
    const PathReach all = reach(walk, path, entering, question);
    for (std::size_t i = first; i < end; ++i) {
      const auto has_some = [&](Ref here) {
        return end - first == 1 ? here != Diagram::no : d.intersects(here, sets[i]);
      };
      for (const RuleReach& row : all.rules) {
        if (row.run != *run || row.matches == Diagram::no) continue;
        if (!may_accept(walk.program(), ruleset[row.rule])) continue;
        if (has_some(row.matches)) causes[i].push_back({row.rule, row.chain});
      }
      for (const PolicyReach& row : all.policies) {
        if (row.run != *run || ruleset[row.chain].base->policy != Policy::accept) continue;
        if (has_some(row.reaches)) causes[i].push_back({RuleId(), row.chain});
      }
      // An id that names nothing is the largest: policies come last.
      std::ranges::sort(causes[i]);
      causes[i].erase(std::unique(causes[i].begin(), causes[i].end()), causes[i].end());
    }
  };
  if (changes_nothing(walk)) {
    look(d.any_of({sets.begin(), sets.end()}), 0, sets.size());
  } else {
    for (std::size_t i = 0; i < sets.size(); ++i) look(sets[i], i, i + 1);
  }
  return causes;
}

}  // namespace untrack
