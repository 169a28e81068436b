// Comparison: what is handed to a proxy, and what rules fill for others to ask.
#include "analysis/flows/obligation_sets.hpp"
#include "analysis/flows/side_work_changes.hpp"

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

}  // namespace untrack
