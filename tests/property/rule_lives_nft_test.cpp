// What is said of each rule without the sets of all packets, of rulesets of nft: named sets,
// negated ones among them, concatenations and verdict maps.
#include <gtest/gtest.h>

#include <random>

#include "analysis/flows/family_world.hpp"
#include "analysis/local/rule_lives.hpp"
#include "tests/property/random_nft_ruleset.hpp"
#include "tests/property/random_packet.hpp"
#include "tests/property/seed.hpp"

namespace untrack {
namespace {

TEST(RuleLivesOfNft, AreThoseOfAllPackets) {
  std::mt19937 dice = seeded_dice();
  std::size_t live = 0;
  std::size_t never = 0;
  std::size_t not_known = 0;
  for (int i = 0; i < 300; ++i) {
    const std::string text = random_nft_ruleset(dice, i % 3 == 0);
    const IpVersion version = i % 4 == 0 ? IpVersion::ipv6 : IpVersion::ipv4;
    const auto given = read(text, version);
    FamilyWorld family(given->ruleset, version, given->program->tracks());
    const RuleLives lives = find_rule_lives(family.program());
    std::vector<bool> is_possible(given->ruleset.rules.size());
    for (const Path path : all_paths) {
      for (const RuleReach& row : family.reached(path).rules) {
        if (row.matches != Diagram::no) is_possible[row.rule.index()] = true;
      }
    }
    for (std::size_t rule = 0; rule < lives.of_rule.size(); ++rule) {
      const RuleLife life = lives.of_rule[rule];
      if (life == RuleLife::not_known) {
        ++not_known;
        continue;
      }
      ++(life == RuleLife::live ? live : never);
      ASSERT_EQ(life == RuleLife::live, is_possible[rule])
          << given->sources.text(given->ruleset.rules[rule].text) << "\n"
          << text;
    }
  }
  // A test that never met one shows nothing.
  EXPECT_GE(live, 900U);
  EXPECT_GE(never, 150U);
  EXPECT_LE(not_known, 2 * live);
}

// A set that is asked for and one that is not, of one field and of two.
TEST(RuleLivesOfNft, ObeyWhatIsNotInASet) {
  const auto given = read(
      "table ip t {\n"
      " set nets { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 192.0.2.1 }; }\n"
      " set pairs { type ipv4_addr . inet_service; elements = { 192.0.2.1 . 22 }; }\n"
      " chain forward { type filter hook forward priority filter; policy accept;\n"
      "  ip saddr != @nets drop\n"
      "  ip saddr 10.1.2.3 accept\n"
      "  ip saddr . tcp dport != @pairs ip daddr 10.0.0.1 drop\n"
      "  ip saddr 192.0.2.1 ip daddr 10.0.0.1 tcp dport 22 accept\n"
      "  ip saddr @nets accept\n"
      "  ip saddr 192.0.2.1 accept\n"
      "  ip saddr 203.0.113.1 accept\n"
      " }\n}\n",
      IpVersion::ipv4);
  const RuleLives lives = find_rule_lives(*given->program);
  using enum RuleLife;
  EXPECT_EQ(lives.of_rule, (std::vector<RuleLife>{live, live, live, live, live, never, never}));
}

}  // namespace
}  // namespace untrack
