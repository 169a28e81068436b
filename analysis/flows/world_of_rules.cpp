// A world in which only some rules of each program are looked at. Apart from world.cpp for its
// length.
#include "analysis/flows/world.hpp"

namespace untrack {

std::unique_ptr<World> World::of_rules(std::span<const Program* const> programs,
                                       std::span<const RuleSet> rules) {
  const Distinctions apart = distinctions(programs.front()->version(), {});
  const DiagramLimits limits;
  for (std::size_t budget = 300'000; budget < limits.steps; budget *= 6) {
    for (const Order order : all_orders) {
      auto world = in_order(programs, apart, order, {limits.nodes, budget}, rules);
      if (world == nullptr) continue;
      world->diagram_->allow(limits);
      return world;
    }
  }
  return nullptr;
}

}  // namespace untrack
