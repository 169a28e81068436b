// Of which programs a world is: of some rules of each alone, and with another one in the place of
// the second. Apart from world.cpp, which says how it is made and what is asked of it.
#include <array>

#include "analysis/flows/world.hpp"
#include "analysis/packet/alike.hpp"
#include "analysis/walk/run_reaches.hpp"

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

void World::take_second_away() {
  if (walks_.size() < 2) return;
  side_work_.reset();
  reaches_->forget(walks_.back()->program());
  walks_.pop_back();
}

bool World::put_second(const Program& program) {
  take_second_away();
  const std::array<const Program*, 2> programs{&walks_.front()->program(), &program};
  if (!are_alike(*layout_, Layout(programs, apart_, order_))) return false;
  walks_.push_back(std::make_unique<SymbolicWalk>(program, *layout_, *diagram_));
  walks_.back()->share(reaches_);
  const auto decided = within_budget([&] {
    for (const Path path : all_paths) (void)walks_.back()->decide(path);
    return true;
  });
  if (!decided) take_second_away();
  return decided.has_value();
}

}  // namespace untrack
