// The two walks against each other: what the symbolic walk says of all packets is what the concrete
// walk, the judge, says of each: packets inside and at the edges of every region, for random
// rulesets, and every packet of a small world.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <random>

#include "analysis/conntrack/tracking.hpp"
#include "analysis/flows/world.hpp"
#include "analysis/walk/concrete.hpp"
#include "analysis/walk/reach.hpp"
#include "model/resolve.hpp"
#include "parser/parse.hpp"
#include "tests/property/random_nft_ruleset.hpp"
#include "tests/property/random_packet.hpp"
#include "tests/property/random_ruleset.hpp"
#include "tests/property/seed.hpp"

namespace untrack {
namespace {

std::string describe(const Packet& p, const std::string& text) {
  std::string words = std::string(to_text(p.path)) + " iif " + p.in_interface + " oif " +
                      p.out_interface + " state " + std::string(to_text(p.state));
  for (std::size_t field = 0; field < field_count; ++field) {
    words += " " + std::string(to_text(static_cast<Field>(field))) + "=" +
             std::to_string(static_cast<unsigned long long>(p.values[field]));
  }
  return words + "\n" + text;
}

template <class Write>
void compare(std::mt19937& dice, IpVersion version, int rulesets, int packets, Write write,
             AddressWrites writes = AddressWrites::open) {
  std::size_t known = 0;
  std::size_t unknown = 0;
  std::array<std::size_t, 5> seen{};
  for (int i = 0; i < rulesets; ++i) {
    const std::string text = write();
    const auto made = read(text, version, nullptr, writes);
    const std::array<const Program*, 1> programs{made->program.get()};
    const auto world = World::make(programs);
    ASSERT_NE(world, nullptr) << text;
    for (const Path path : all_paths) {
      const Ref decided = world->walk(0).decide(path);
      const Ref untracked = world->walk(0).untracked(path);
      for (int k = 0; k < packets; ++k) {
        std::vector<bool> free;
        const Packet packet = random_packet(dice, world->layout(), path, free);
        Choices choices;
        choices.free = free;
        const Trace trace = walk(*made->program, packet, choices);
        const auto atoms = world->layout().atoms_of(packet, free);
        const auto symbolic = static_cast<Decision>(world->diagram().evaluate(decided, atoms));
        ++seen[static_cast<std::size_t>(symbolic)];
        if (symbolic == Decision::unknown) {
          ++unknown;
          continue;
        }
        ++known;
        ASSERT_EQ(to_text(symbolic), to_text(trace.decision)) << describe(packet, text);
        // Of what was guessed, the other outcome is as good.
        const bool is_told = trace.guessed.empty() && trace.decision == Decision::accept;
        if (made->program->tracks() && is_told) {
          ASSERT_EQ(world->diagram().evaluate(untracked, atoms) == 1, trace.is_untracked)
              << describe(packet, text);
        }
      }
    }
  }
  EXPECT_GT(known, unknown * 5) << "hardly anything is known";
  EXPECT_GT(seen[static_cast<std::size_t>(Decision::accept)], 100U);
  EXPECT_GT(seen[static_cast<std::size_t>(Decision::drop)], 100U);
}

void compare(std::mt19937& dice, const RandomRulesetOptions& options, int rulesets, int packets) {
  const IpVersion version = options.is_ipv6 ? IpVersion::ipv6 : IpVersion::ipv4;
  compare(dice, version, rulesets, packets, [&] { return random_ruleset(dice, options); });
}

TEST(WalksProperty, AgreeOnNftAndIpv4) {
  std::mt19937 dice = seeded_dice();
  compare(dice, IpVersion::ipv4, 120, 60, [&] { return random_nft_ruleset(dice, true); });
}

TEST(WalksProperty, AgreeOnNftAndIpv6) {
  std::mt19937 dice = seeded_dice();
  compare(dice, IpVersion::ipv6, 80, 60, [&] { return random_nft_ruleset(dice, true); });
}

TEST(WalksProperty, AgreeOnAddressesThatAreSet) {
  std::mt19937 dice = seeded_dice();
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    compare(
        dice, version, 120, 60, [&] { return random_nft_ruleset(dice, true, true); },
        AddressWrites::followed);
  }
}

TEST(WalksProperty, AgreeOnFilterRules) {
  std::mt19937 dice = seeded_dice();
  compare(dice, {.tracks = false, .has_effects = false}, 60, 60);
}

TEST(WalksProperty, AgreeOnStatesAndNotrack) {
  std::mt19937 dice = seeded_dice();
  compare(dice, {.has_effects = false}, 80, 60);
}

TEST(WalksProperty, AgreeOnMarksAndTranslation) {
  std::mt19937 dice = seeded_dice();
  compare(dice, {}, 120, 60);
}

TEST(WalksProperty, AgreeOnIpv6) {
  std::mt19937 dice = seeded_dice();
  compare(dice, {.is_ipv6 = true}, 80, 60);
}

// Rules that a concrete packet meets and matches are reached and matched in the forward walk.
template <class Write>
void compare_reach(std::mt19937& dice, int rulesets, Write write) {
  for (int i = 0; i < rulesets; ++i) {
    const std::string text = write();
    const auto made = read(text, IpVersion::ipv4);
    const std::array<const Program*, 1> programs{made->program.get()};
    const auto world = World::make(programs);
    ASSERT_NE(world, nullptr);
    for (const Path path : all_paths) {
      const RuleSet every(made->ruleset.rules.size(), true);
      const PathReach all = reach(world->walk(0), path, Diagram::yes, {.whole = every});
      RuleSet some(made->ruleset.rules.size());
      for (std::size_t rule = 0; rule < some.size(); ++rule) some[rule] = dice() % 3 == 0;
      const PathReach part = reach(world->walk(0), path, Diagram::yes, {.wanted = some});
      for (const RuleReach& row : part.rules) {
        if (!some[row.rule.index()]) continue;
        const auto at = std::ranges::find_if(all.rules, [&](const RuleReach& other) {
          return other.rule == row.rule && other.run == row.run;
        });
        ASSERT_NE(at, all.rules.end());
        ASSERT_EQ(at->matches, row.matches) << text;
      }
      for (int k = 0; k < 40; ++k) {
        std::vector<bool> free;
        const Packet packet = random_packet(dice, world->layout(), path, free);
        Choices choices;
        choices.free = free;
        const Trace trace = walk(*made->program, packet, choices);
        if (trace.decision == Decision::elsewhere) continue;
        for (const RuleReach& row : all.rules) {
          // Where the rule stands, the state is the one that conntrack left.
          Packet there = packet;
          auto atoms = world->layout().atoms_of(there, free);
          const bool is_early = made->program->runs(path)[row.run].is_before_conntrack;
          if (trace.is_untracked && !is_early) {
            atoms[world->layout().level_of(Field::ct_state)] = Layout::atom_of(CtState::untracked);
          }
          if (is_early) continue;  // NOTRACK changes the state on the way there
          bool met = false;
          bool matched = false;
          for (const TraceStep& step : trace.steps) {
            if (step.run != row.run || step.rule != row.rule) continue;
            met = true;
            matched = matched || step.matched;
          }
          // A chain called twice is one row a base chain; both visits count.
          const bool may_meet = world->diagram().evaluate(*row.reaches, atoms) == 1;
          const bool may_match = world->diagram().evaluate(row.matches, atoms) == 1;
          // What a test says when it is asked again may lead to more than this trace has met.
          if (!made->program->keeps_outcomes()) {
            met = met || may_meet;
            matched = matched || may_match;
          }
          ASSERT_EQ(may_meet, met) << describe(packet, text);
          ASSERT_EQ(may_match, matched) << describe(packet, text);
        }
      }
    }
  }
}

TEST(WalksProperty, AgreeOnReach) {
  std::mt19937 dice = seeded_dice();
  compare_reach(dice, 60, [&] { return random_ruleset(dice, {.has_effects = false}); });
}

TEST(WalksProperty, AgreeOnReachOfNft) {
  std::mt19937 dice = seeded_dice();
  compare_reach(dice, 60, [&] { return random_nft_ruleset(dice, false); });
}

// Every packet that the rules can tell apart, for rulesets of at most three rules a chain.
TEST(WalksProperty, AgreeOnEveryPacketOfASmallWorld) {
  std::mt19937 dice = seeded_dice();
  std::size_t packets = 0;
  for (int i = 0; i < 40; ++i) {
    const std::string text =
        random_ruleset(dice, {.has_effects = false, .has_free = false, .most_rules = 2});
    const auto made = read(text, IpVersion::ipv4);
    const std::array<const Program*, 1> programs{made->program.get()};
    const auto world = World::make(programs);
    ASSERT_NE(world, nullptr);
    const Layout& layout = world->layout();
    const auto sizes = layout.sizes();
    for (const Path path : all_paths) {
      const Ref decided = world->walk(0).decide(path);
      // The fields that matter here take all their atoms; the others stay as they are.
      std::vector<Layout::Level> turning;
      std::vector<bool> gone(sizes.size());
      for (Layout::Level level = 0; level < sizes.size(); ++level) {
        gone.assign(sizes.size(), false);
        gone[level] = true;
        for (std::uint32_t value = 0; value < 5; ++value) {
          const Ref here = world->diagram().where(decided, value);
          if (world->diagram().exists(here, gone) != here) {
            turning.push_back(level);
            break;
          }
        }
      }
      std::vector<Diagram::Constraint> at;
      for (const Layout::Level level : turning) at.push_back({level, 0, 0});
      std::size_t count = 1;
      for (const Layout::Level level : turning) count *= sizes[level];
      if (count > 60'000) continue;
      for (std::size_t n = 0; n < count; ++n) {
        std::size_t rest = n;
        for (std::size_t k = 0; k < turning.size(); ++k) {
          at[k].first = at[k].last = static_cast<Layout::Atom>(rest % sizes[turning[k]]);
          rest /= sizes[turning[k]];
        }
        Layout::Example example = layout.example(at, path);
        if (example.packet.state == CtState::untracked) continue;
        const auto atoms = layout.atoms_of(example.packet, example.free);
        const Trace trace = walk(*made->program, example.packet, {});
        const bool fits = (path == Path::out) == example.packet.in_interface.empty() &&
                          (path == Path::in) == example.packet.out_interface.empty();
        if (!fits) continue;
        ++packets;
        ASSERT_EQ(to_text(static_cast<Decision>(world->diagram().evaluate(decided, atoms))),
                  to_text(trace.decision))
            << describe(example.packet, text);
      }
    }
  }
  EXPECT_GT(packets, 20'000U);
}

}  // namespace
}  // namespace untrack
