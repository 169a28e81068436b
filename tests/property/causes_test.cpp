// Causes against the concrete walk, which names the decider of each packet.
#include "analysis/flows/causes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "tests/property/random_packet.hpp"
#include "tests/property/random_ruleset.hpp"
#include "tests/property/seed.hpp"

namespace untrack {
namespace {

// The packets that the layout does not tell from this one.
Ref set_of(World& world, const Packet& packet, const std::vector<bool>& free) {
  Diagram& d = world.diagram();
  const auto atoms = world.layout().atoms_of(packet, free);
  Ref all = Diagram::yes;
  for (std::size_t level = atoms.size(); level-- > 0;) {
    all = d.conj(d.interval(static_cast<Diagram::Level>(level), atoms[level], atoms[level]), all);
  }
  return all;
}

// With effects a packet may come to a rule changed, and more causes than its own are allowed.
void compare(std::mt19937& dice, const RandomRulesetOptions& options) {
  std::size_t accepted = 0;
  for (int i = 0; i < 60; ++i) {
    const std::string text = random_ruleset(dice, options);
    const auto made = read(text, IpVersion::ipv4);
    const std::array<const Program*, 1> programs{made->program.get()};
    const auto world = World::make(programs);
    ASSERT_NE(world, nullptr) << text;
    for (const Path path : all_paths) {
      const std::vector<Decider> all = causes_of(*world, 0, path, Diagram::yes);
      ASSERT_TRUE(std::ranges::is_sorted(all));
      for (int k = 0; k < 40; ++k) {
        std::vector<bool> free;
        const Packet packet = random_packet(dice, world->layout(), path, free);
        Choices choices;
        choices.free = free;
        const Trace trace = walk(*made->program, packet, choices);
        const auto atoms = world->layout().atoms_of(packet, free);
        const auto known =
            static_cast<Decision>(world->diagram().evaluate(world->walk(0).decide(path), atoms));
        if (known != Decision::accept || !trace.decided_in.names_something()) continue;
        ++accepted;
        const Decider decider{trace.decided_by, trace.decided_in};
        EXPECT_TRUE(std::ranges::binary_search(all, decider)) << text;
        const auto own = causes_of(*world, 0, path, set_of(*world, packet, free));
        EXPECT_TRUE(std::ranges::binary_search(own, decider)) << text;
        if (!options.has_effects) {
          EXPECT_EQ(own.size(), 1U) << text;
        }
      }
    }
  }
  EXPECT_GT(accepted, 100U);
}

TEST(CausesProperty, AreTheDecidersOfFilterRules) {
  std::mt19937 dice = seeded_dice();
  compare(dice, {.tracks = false, .has_effects = false});
}

TEST(CausesProperty, AreTheDecidersUnderStatesAndNotrack) {
  std::mt19937 dice = seeded_dice();
  compare(dice, {.has_effects = false});
}

TEST(CausesProperty, HoldTheDecidersBehindMarksAndTranslation) {
  std::mt19937 dice = seeded_dice();
  compare(dice, {});
}

}  // namespace
}  // namespace untrack
