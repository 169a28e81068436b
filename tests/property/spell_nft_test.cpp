// What is written in nft for a set of packets reads back as that set: random rulesets of both
// languages, the boxes of what they accept, the rules that are written for the boxes in a table of
// one family or of both, and the set that those accept.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <array>
#include <random>

#include "analysis/flows/world.hpp"
#include "rewriter/spell/nft_matches.hpp"
#include "tests/property/random_nft_ruleset.hpp"
#include "tests/property/random_packet.hpp"
#include "tests/property/random_ruleset.hpp"
#include "tests/property/seed.hpp"

namespace untrack {
namespace {

std::string_view hook_of(Path path) {
  switch (path) {
    case Path::in:
      return "input";
    case Path::forward:
      return "forward";
    case Path::out:
      return "output";
  }
  return {};
}

struct Written {
  std::string text;
  std::size_t rules = 0;
  bool is_wider = false;
};

Written write(const Cover& cover, const Layout& layout, Path path, bool is_wide) {
  Written written;
  const bool is_v4 = layout.version() == IpVersion::ipv4;
  const std::string family = is_wide ? "inet" : is_v4 ? "ip" : "ip6";
  for (const std::string_view hook : {"input", "forward", "output"}) {
    written.text += "table " + family + " filter {\n\tchain " + std::string(hook) +
                    " {\n\t\ttype filter hook " + std::string(hook) +
                    " priority filter; policy drop;\n";
    if (hook == hook_of(path)) {
      for (const Box& box : cover.boxes) {
        const SpelledBox spelled =
            spell_nft(box, layout,
                      {.tcp_flags = {}, .keeps_types = true, .says_family = is_wide, .first = {}});
        // A rule is missing then: the rest says nothing.
        if (spelled.is_too_large) return {};
        written.is_wider = written.is_wider || spelled.is_wider;
        for (const std::string& conditions : spelled.rules) {
          written.text += "\t\t" + conditions + (conditions.empty() ? "" : " ") + "accept\n";
          ++written.rules;
        }
      }
    }
    written.text += "\t}\n}\n";
  }
  return written;
}

TEST(SpellNftProperty, ReadsBackAsTheSetThatItWasWrittenFor) {
  std::mt19937 dice = seeded_dice();
  std::size_t exact = 0;
  std::size_t wider = 0;
  for (int i = 0; i < 600; ++i) {
    const bool is_ipv6 = dice() % 3 == 0;
    const IpVersion version = is_ipv6 ? IpVersion::ipv6 : IpVersion::ipv4;
    const RandomRulesetOptions options{.is_ipv6 = is_ipv6,
                                       .tracks = false,
                                       .has_effects = false,
                                       .has_free = false,
                                       .most_rules = 3};
    const std::string text =
        dice() % 2 == 0 ? random_ruleset(dice, options) : random_nft_ruleset(dice, false);
    // What tracks judges fragments otherwise.
    if (text.find("ct ") != std::string::npos || text.find("notrack") != std::string::npos)
      continue;
    const auto variables = std::make_shared<FreeVariables>();
    const auto given = read(text, version, variables);
    const std::array<const Program*, 1> alone{given->program.get()};
    const auto world = World::make(alone);
    ASSERT_NE(world, nullptr);
    const Path path = all_paths[dice() % 3];
    Diagram& own = world->diagram();
    const Ref wanted =
        world->flow_of(own.conj(world->accepts(0, path, CtState::new_), world->on_way(path)));
    const Cover boxes = cover_within(own, world->layout(), wanted,
                                     own.disj(wanted, own.negate(world->on_way(path))), 24);
    if (!boxes.is_whole) continue;
    const Written written = write(boxes, world->layout(), path, dice() % 2 == 0);
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
      ASSERT_TRUE(d.implies(after, before))
          << text << "--- is written as\n"
          << written.text << "--- and has, too,\n"
          << fmt::format("{}",
                         fmt::join(to_lines(cover(d, compared->layout(), d.minus(after, before), 4),
                                            compared->layout(), path),
                                   "\n"));
    }
  }
  EXPECT_GT(exact, 150U);
  EXPECT_GT(wider, 0U);
}

}  // namespace
}  // namespace untrack
