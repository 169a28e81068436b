// What a shorter rewrite leaves out or joins changes nothing: of random rulesets, taken as if a
// rewrite had written every rule, the shorter text decides every packet as before.
#include "rewriter/shorten/shorten.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "analysis/flows/world.hpp"
#include "tests/property/random_packet.hpp"
#include "tests/property/random_ruleset.hpp"
#include "tests/property/seed.hpp"

namespace untrack {
namespace {

// Rules with ports get a neighbour that has others.
std::string with_neighbours(std::mt19937& dice, const std::string& text) {
  static constexpr std::array<const char*, 4> ports = {"25", "81", "1000:1023", "443"};
  std::string wider;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = text.find('\n', begin) + 1;
    const std::string line = text.substr(begin, end - begin);
    begin = end;
    wider += line;
    for (const std::string_view option : {" --dport ", " --sport "}) {
      const std::size_t at = line.find(option);
      if (at == std::string::npos || dice() % 2 != 0) continue;
      const std::size_t value = at + option.size();
      if (line.find(' ', value) == std::string::npos) continue;
      wider +=
          line.substr(0, value) + ports[dice() % ports.size()] + line.substr(line.find(' ', value));
    }
  }
  return wider;
}

// Without such a rule, others of its kind would be taken for it.
bool has_history(const Sources& sources, const Shortening& row) {
  return std::ranges::any_of(row.edits, [&](const Edit& edit) {
    const std::string_view text = sources.text(edit.span);
    return text.find(" -m limit") != std::string_view::npos ||
           text.find(" -m recent") != std::string_view::npos ||
           text.find(" -m statistic") != std::string_view::npos;
  });
}

TEST(ShortenProperty, ChangesNoDecision) {
  std::mt19937 dice = seeded_dice();
  std::size_t removed = 0;
  std::size_t joined = 0;
  for (int i = 0; i < 300; ++i) {
    const bool is_ipv6 = dice() % 3 == 0;
    const IpVersion version = is_ipv6 ? IpVersion::ipv6 : IpVersion::ipv4;
    const RandomRulesetOptions options{.is_ipv6 = is_ipv6,
                                       .tracks = dice() % 2 == 0,
                                       .has_effects = dice() % 2 == 0,
                                       .has_free = dice() % 2 == 0,
                                       .most_rules = 10};
    const std::string text = with_neighbours(dice, random_ruleset(dice, options));
    const auto variables = std::make_shared<FreeVariables>();
    const auto given = read(text, version, variables);
    ShortenOptions shorten{.joins_changed = false};
    shorten.changes.push_back({SourceId{}, 0, static_cast<std::uint32_t>(text.size())});
    auto rows = find_shortenings(given->ruleset, given->sources, version, shorten);
    std::erase_if(rows, [&](const Shortening& row) { return has_history(given->sources, row); });
    if (rows.empty()) continue;
    for (const Shortening& row : rows) ++(row.edits.size() == 1 ? removed : joined);
    const std::string shorter =
        shortened(given->sources, shorten, rows).apply(given->sources, SourceId{});
    const auto after = read(shorter, version, variables);
    // Tracking stays on, as if something else forced it.
    const Program again(after->ruleset, version, given->program->tracks(), *variables);
    const std::array<const Program*, 2> programs{given->program.get(), &again};
    const auto world = World::make(programs);
    ASSERT_NE(world, nullptr) << text;
    Diagram& d = world->diagram();
    constexpr auto unknown = static_cast<std::uint32_t>(Decision::unknown);
    for (const Path path : all_paths) {
      const Ref before = world->walk(0).decide(path);
      const Ref behind = world->walk(1).decide(path);
      // Where both are known: fewer rules may leave less open of what a mark may be.
      for (std::uint32_t a = 0; a < unknown; ++a) {
        for (std::uint32_t b = 0; b < unknown; ++b) {
          if (a == b) continue;
          ASSERT_FALSE(d.intersects(d.where(before, a), d.where(behind, b))) << text << "became\n"
                                                                             << shorter;
        }
      }
    }
  }
  EXPECT_GT(removed, 50U);
  EXPECT_GT(joined, 50U);
}

}  // namespace
}  // namespace untrack
