// What is written for a set of packets reads back as that set: random rulesets, the boxes of what
// they accept, the rules that are written for the boxes, and the set that those accept.
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "analysis/flows/world.hpp"
#include "rewriter/spell/iptables_matches.hpp"
#include "tests/property/random_packet.hpp"
#include "tests/property/random_ruleset.hpp"
#include "tests/property/seed.hpp"

namespace untrack {
namespace {

std::string_view chain_of(Path path) {
  switch (path) {
    case Path::in:
      return "INPUT";
    case Path::forward:
      return "FORWARD";
    case Path::out:
      return "OUTPUT";
  }
  return {};
}

// Rules for all boxes; whether any of them is wider than its box.
struct Written {
  std::string text;
  std::size_t rules = 0;
  bool is_wider = false;
};

Written write(const Cover& cover, const Layout& layout, Path path) {
  Written written;
  written.text = "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\n";
  for (const Box& box : cover.boxes) {
    const SpelledBox spelled =
        spell_iptables(box, layout, {.tcp_options = {}, .keeps_types = true});
    // A rule is missing then: the rest says nothing.
    if (spelled.is_too_large) return {};
    written.is_wider = written.is_wider || spelled.is_wider;
    for (const std::string& conditions : spelled.rules) {
      written.text += "-A " + std::string(chain_of(path)) +
                      (conditions.empty() ? "" : ' ' + conditions) + " -j ACCEPT\n";
      ++written.rules;
    }
  }
  written.text += "COMMIT\n";
  return written;
}

TEST(SpellIptablesProperty, ReadsBackAsTheSetThatItWasWrittenFor) {
  std::mt19937 dice = seeded_dice();
  std::size_t exact = 0;
  std::size_t wider = 0;
  for (int i = 0; i < 300; ++i) {
    const bool is_ipv6 = dice() % 3 == 0;
    const IpVersion version = is_ipv6 ? IpVersion::ipv6 : IpVersion::ipv4;
    const RandomRulesetOptions options{.is_ipv6 = is_ipv6,
                                       .tracks = false,
                                       .has_effects = false,
                                       .has_free = false,
                                       .most_rules = 3};
    const std::string text = random_ruleset(dice, options);
    const auto variables = std::make_shared<FreeVariables>();
    const auto given = read(text, version, variables);
    const std::array<const Program*, 1> alone{given->program.get()};
    const auto world = World::make(alone);
    ASSERT_NE(world, nullptr);
    const Path path = all_paths[dice() % 3];
    const Ref wanted =
        world->diagram().conj(world->accepts(0, path, CtState::new_), world->on_way(path));
    const Cover boxes = cover_within(
        world->diagram(), world->layout(), world->flow_of(wanted),
        world->diagram().disj(world->flow_of(wanted), world->diagram().negate(world->on_way(path))),
        24);
    if (!boxes.is_whole) continue;
    const Written written = write(boxes, world->layout(), path);
    if (written.rules == 0) continue;

    const auto again = read(written.text, version, variables);
    const std::array<const Program*, 2> both{given->program.get(), again->program.get()};
    const auto compared = World::make(both);
    ASSERT_NE(compared, nullptr);
    Diagram& d = compared->diagram();
    const auto flows = [&](std::size_t program) {
      return compared->flow_of(
          d.conj(compared->accepts(program, path, CtState::new_), compared->on_way(path)));
    };
    const Ref before = flows(0);
    const Ref after = flows(1);
    ASSERT_TRUE(d.implies(before, after)) << text << "--- is written as\n" << written.text;
    if (written.is_wider) {
      ++wider;
    } else {
      ++exact;
      ASSERT_TRUE(d.implies(after, before)) << text << "--- is written as\n" << written.text;
    }
  }
  EXPECT_GT(exact, 100U);
  EXPECT_GT(wider, 0U);
}

}  // namespace
}  // namespace untrack
