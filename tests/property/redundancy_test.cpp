// Redundant rules (UT202): without those that are named, each alone and all together, a random
// ruleset decides every packet as before, exactly (the symbolic walk) and packet by packet (the
// concrete one).
#include "analysis/redundancy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <random>

#include "analysis/flows/family_world.hpp"
#include "analysis/flows/world.hpp"
#include "analysis/walk/concrete.hpp"
#include "tests/property/random_packet.hpp"
#include "tests/property/random_ruleset.hpp"
#include "tests/property/seed.hpp"

namespace untrack {
namespace {

std::string without(const Case& given, std::vector<RuleId> rules) {
  std::string text(given.sources[SourceId{}].text());
  std::ranges::sort(rules, std::ranges::greater{},
                    [&](RuleId rule) { return given.ruleset[rule].text.begin; });
  for (const RuleId rule : rules) {
    const Span& span = given.ruleset[rule].text;
    text.erase(span.begin, span.size() + 1);  // with the end of the line
  }
  return text;
}

// Where both are known: fewer rules may leave less open of what a mark may be.
bool agree(Diagram& d, Ref before, Ref after) {
  constexpr auto unknown = static_cast<std::uint32_t>(Decision::unknown);
  for (std::uint32_t a = 0; a < unknown; ++a) {
    for (std::uint32_t b = 0; b < unknown; ++b) {
      if (a != b && d.intersects(d.where(before, a), d.where(after, b))) return false;
    }
  }
  return true;
}

void expect_same(std::mt19937& dice, const Case& before, const std::string& text) {
  const Program& original = *before.program;
  const auto after = read(text, original.version(), before.variables);
  // Tracking stays on, as if something else forced it.
  const Program shorter(after->ruleset, original.version(), original.tracks(), *before.variables);
  const std::array<const Program*, 2> programs{&original, &shorter};
  const auto world = World::make(programs);
  ASSERT_NE(world, nullptr) << text;
  for (const Path path : all_paths) {
    ASSERT_TRUE(agree(world->diagram(), world->walk(0).decide(path), world->walk(1).decide(path)))
        << before.sources[SourceId{}].text() << "\nbecame\n"
        << text;
    for (int k = 0; k < 20; ++k) {
      std::vector<bool> free;
      const Packet packet = random_packet(dice, world->layout(), path, free);
      Choices choices;
      choices.free = free;
      ASSERT_EQ(walk(original, packet, choices).decision, walk(shorter, packet, choices).decision)
          << before.sources[SourceId{}].text() << "\nbecame\n"
          << text;
    }
  }
}

void compare(const RandomRulesetOptions& options, int rulesets, std::size_t least) {
  std::mt19937 dice = seeded_dice();
  std::size_t found = 0;
  for (int i = 0; i < rulesets; ++i) {
    const IpVersion version = options.is_ipv6 ? IpVersion::ipv6 : IpVersion::ipv4;
    const auto given = read(random_ruleset(dice, options), version);
    FamilyWorld family(given->ruleset, version, given->program->tracks());
    Shadows shadows;
    Redundancies redundancies;
    add_shadows(family, {}, shadows);
    add_redundancies(family, shadows, redundancies);
    ASSERT_TRUE(family.cut().empty());
    std::vector<RuleId> all;
    for (std::size_t rule = 0; rule < redundancies.takers.size(); ++rule) {
      if (!redundancies.takers[rule]) continue;
      EXPECT_FALSE(redundancies.takers[rule]->empty());
      EXPECT_FALSE(shadows.of_rule[rule].has_value());
      all.emplace_back(rule);
      expect_same(dice, *given, without(*given, {RuleId(rule)}));
    }
    found += all.size();
    if (all.size() > 1) expect_same(dice, *given, without(*given, all));
    if (testing::Test::HasFatalFailure()) return;
  }
  EXPECT_GE(found, least);
}

TEST(RedundancyProperty, RulesOfPlainFiltersCanGo) {
  compare({.tracks = false, .has_effects = false, .has_free = false, .most_rules = 9}, 600, 15);
}

TEST(RedundancyProperty, RulesAmongStatesCanGo) {
  compare({.has_effects = false, .most_rules = 9}, 600, 10);
}

TEST(RedundancyProperty, RulesAmongMarksAndTranslationCanGo) { compare({.most_rules = 9}, 200, 5); }

TEST(RedundancyProperty, RulesOfIpv6CanGo) { compare({.is_ipv6 = true, .most_rules = 9}, 250, 8); }

}  // namespace
}  // namespace untrack
