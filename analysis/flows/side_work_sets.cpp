// Comparison: what is handed to a proxy, and what rules fill for others to ask.
#include <fmt/format.h>

#include "analysis/flows/obligation_sets.hpp"
#include "analysis/flows/side_work_changes.hpp"
#include "analysis/program/memory_uses.hpp"

namespace untrack {
namespace {

std::optional<Violation> as_violation(std::optional<SideWorkChange> change) {
  if (!change) return std::nullopt;
  Violation violation{change->path, change->packets, change->state, change->state,
                      std::move(change->what)};
  violation.is_certain = change->is_certain;
  return violation;
}

}  // namespace

std::optional<Violation> Comparison::changed_proxy() {
  return as_violation(changed_side_work(world_, SideWorkKind::proxies, [&](Path path) {
    return world_.diagram().conj(old_.assumed_sources(path), old_.assumed_protocols(path));
  }));
}

// Whoever sends it, and whether it begins a flow or not.
std::optional<Violation> Comparison::changed_memory() {
  return as_violation(
      changed_side_work(world_, SideWorkKind::memories, [](Path) { return Diagram::yes; }));
}

// Of several marks, zones or helpers that an entry is given the first or the last one counts.
std::optional<Violation> Comparison::reordered_entries() {
  const Program& before = world_.walk(0).program();
  const Program& after = world_.walk(1).program();
  const std::vector<std::string> entries = entries_left_otherwise(before, after);
  for (const Path path : all_paths) {
    const std::string what = reordered_memory(before, after, path, entries);
    if (what.empty()) continue;
    Violation open{path, world_.on_way(path), CtState::new_, CtState::new_,
                   fmt::format("may meet the rules that write the {} of its entry in another order",
                               what.substr(memory_of_entry.size()))};
    open.is_certain = false;
    return open;
  }
  return std::nullopt;
}

}  // namespace untrack
