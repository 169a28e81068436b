// Difference: two rulesets that `diff` calls alike decide every packet alike, whatever mark a
// connection gives back. The slow twin is the concrete walk, packet by packet.
#include "analysis/difference/difference.hpp"

#include <gtest/gtest.h>

#include <array>
#include <functional>
#include <random>
#include <string>

#include "tests/property/changed_pairs.hpp"
#include "tests/property/random_packet.hpp"
#include "tests/property/random_ruleset.hpp"

namespace untrack {
namespace {

// Every statement that leaves a mark open chooses one, rules of one text the same.
Choices with_marks(const Case& one, std::vector<bool> free, std::uint32_t seed) {
  Choices choices;
  choices.free = std::move(free);
  const Ruleset& ruleset = one.ruleset;
  constexpr std::array<std::uint32_t, 6> marks = {0, 1, 2, 3, 0x10, 0x11};
  for (const Rule& rule : ruleset.rules) {
    std::string text(one.sources.text(rule.text));
    (void)replace(text, " -m comment --comment other", "");
    const std::size_t at = std::hash<std::string>()(text + std::to_string(seed));
    for (std::uint32_t i = 0; i < rule.parts.count; ++i) {
      choices.marks[rule.parts.first + i] = marks[at % marks.size()];
    }
  }
  return choices;
}

// A mark is given back, and a few rules ask for it, or do not.
std::string with_restored_mark(std::mt19937& dice) {
  const auto one_of = [&](std::initializer_list<const char*> words) {
    return std::string(*(words.begin() + dice() % words.size()));
  };
  std::string text = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n";
  text += ":marked - [0:0]\n";
  for (const char* chain : {"INPUT", "marked"}) {
    const std::string add = std::string("-A ") + chain;
    const std::size_t rules = 2 + dice() % 4;
    for (std::size_t i = 0; i < rules; ++i) {
      if (dice() % 3 == 0) text += add + one_of({"", " -p tcp"}) + " -j CONNMARK --restore-mark\n";
      text += add + one_of({"", " -p tcp -m tcp --dport 22", " -p tcp -m tcp --dport 80:443"}) +
              one_of({"", " -m mark --mark 0x1", " -m mark ! --mark 0x1/0x1"}) +
              one_of({" -j ACCEPT\n", " -j DROP\n", " -j RETURN\n", " -j REJECT\n", "\n"});
    }
    if (dice() % 2 == 0) text += one_of({"-A INPUT -j marked\n", "-A INPUT -p tcp -g marked\n"});
  }
  return text + "COMMIT\n";
}

TEST(DifferenceProperty, OfAlikeRulesetsNoMarkMakesOne) {
  constexpr int least = 250;  // alike, and a packet of which the answer was not known
  std::mt19937 dice = seeded_dice();
  int alike = 0;
  int unlike = 0;
  for (int i = 0; i < 4'000 && (alike < least || unlike < least); ++i) {
    const std::string text = dice() % 8 != 0 ? with_restored_mark(dice) : random_ruleset(dice, {});
    if (text.find("restore-mark") == std::string::npos) continue;
    const std::string other = changed(dice, text, false);
    const auto before = read(text, IpVersion::ipv4);
    const auto after = read(other, IpVersion::ipv4, before->variables);
    const std::array<const Program*, 2> programs{before->program.get(), after->program.get()};
    const auto world = World::make(programs);
    ASSERT_NE(world, nullptr);
    const bool is_alike = difference(*world).is_equivalent;
    bool is_open = false;
    for (int k = 0; k < 200 && is_alike; ++k) {
      const Path path = all_paths[dice() % all_paths.size()];
      std::vector<bool> free;
      const Packet packet = random_packet(dice, world->layout(), path, free);
      const auto atoms = world->layout().atoms_of(packet, free);
      const auto said = world->diagram().evaluate(world->walk(0).decide(path), atoms);
      // No packet is in a state that it cannot have, and of those nothing was said.
      if (said != world->diagram().evaluate(world->walk(1).decide(path), atoms)) continue;
      const auto seed = static_cast<std::uint32_t>(dice());
      const Trace left = walk(*programs[0], packet, with_marks(*before, free, seed));
      const Trace right = walk(*programs[1], packet, with_marks(*after, free, seed));
      ASSERT_EQ(left.decision, right.decision) << text << "\nbecame\n" << other;
      is_open = is_open || said == static_cast<std::uint32_t>(Decision::unknown);
    }
    alike += is_alike && is_open ? 1 : 0;
    unlike += is_alike ? 0 : 1;
  }
  EXPECT_GE(alike, least);
  EXPECT_GE(unlike, least);
}

}  // namespace
}  // namespace untrack
