#include "analysis/flows/family_world.hpp"

#include <algorithm>
#include <vector>

namespace untrack {
namespace {

bool is_of(const Table& table, IpVersion version) { return ip_versions(table.family).has(version); }

bool has_notrack_rule(const Ruleset& ruleset, IpVersion version) {
  for (const Chain& chain : ruleset.chains) {
    if (!is_of(ruleset[chain.table], version)) continue;
    for (const RuleId rule : chain.rules) {
      for (const RulePart& part : slice(ruleset.parts, ruleset[rule].parts)) {
        const auto* statement = std::get_if<Statement>(&part.what);
        if (statement != nullptr && std::holds_alternative<NotrackStatement>(*statement)) {
          return true;
        }
      }
    }
  }
  return false;
}

}  // namespace

FamilyWorld::FamilyWorld(const Ruleset& ruleset, IpVersion version, bool tracks,
                         const DiagramLimits& limits, const Assumptions& assumptions,
                         const Distinctions& also)
    : version_(version), limits_(limits) {
  is_partial_ = std::ranges::any_of(ruleset.tables, [&](const Table& table) {
    return table.is_partial && is_of(table, version);
  });
  if (is_partial_) return;
  program_ = std::make_unique<Program>(ruleset, version, tracks, variables_);
  std::vector<const Program*> programs = {program_.get()};
  if (tracks && has_notrack_rule(ruleset, version)) {
    tracked_program_ =
        std::make_unique<Program>(ruleset, version, tracks, variables_, NotrackUse::ignored);
    programs.push_back(tracked_program_.get());
  }
  world_ = World::make(programs, assumptions, limits, also);
}

Flows& FamilyWorld::flows(std::size_t program, const Assumptions& assumptions) {
  for (const auto& known : flows_) {
    if (known->program_index() == program && known->assumptions() == assumptions) return *known;
  }
  return *flows_.emplace_back(std::make_unique<Flows>(*world_, program, assumptions));
}

const PathReach& FamilyWorld::reached(Path path) {
  auto& known = reached_[static_cast<std::size_t>(path)];
  if (!known) known = reach(world_->walk(as_it_is), path, world_->walk(as_it_is).possible(path));
  return *known;
}

void FamilyWorld::note_cut(Analysis analysis) {
  const auto at = std::ranges::lower_bound(cut_, analysis);
  if (at == cut_.end() || *at != analysis) cut_.insert(at, analysis);
}

}  // namespace untrack
