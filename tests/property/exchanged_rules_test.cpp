// Rules in another order (exchanged_rules.hpp): those that are called no change leave every packet
// decided as before. The slow twin is the whole comparison, as for changed_rules.hpp.
#include "analysis/difference/exchanged_rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "tests/property/changed_pairs.hpp"
#include "tests/property/random_ruleset.hpp"

namespace untrack {
namespace {

// Rules change places with their neighbours, some of which decide otherwise.
std::string shuffled(std::mt19937& dice, const std::string& text) {
  std::vector<std::string> lines = lines_of(text);
  for (int i = 0; i < 12; ++i) {
    const std::size_t at = dice() % (lines.size() - 1);
    const bool are_rules = lines[at].starts_with("-A ") && lines[at + 1].starts_with("-A ");
    if (are_rules && is_of_one_chain(lines, at, at + 1)) std::swap(lines[at], lines[at + 1]);
  }
  std::string joined;
  for (const std::string& line : lines) joined += line + "\n";
  return joined;
}

// Shuffled, and one half of them changed in other ways, too.
std::string moved(std::mt19937& dice, const std::string& text) {
  return shuffled(dice, dice() % 2 == 0 ? changed(dice, text, false) : text);
}

// Rules that all accept may stand in any order; not with one that drops, or with a limit, between
// them, nor rules of which a limit is one.
TEST(ExchangedRules, AreNoChangeWhereTheOrderMeansNothing) {
  const std::string text = R"(*filter
:INPUT DROP [0:0]
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22:25 -j ACCEPT
-A INPUT -s 192.0.2.1 -p udp -j ACCEPT
-A INPUT -s 192.0.2.7 -j DROP
-A INPUT -s 192.0.2.8 -j DROP
-A INPUT -p udp -m udp --dport 53 -j ACCEPT
-A INPUT -p tcp -m limit --limit 3/min -j ACCEPT
-A INPUT -p icmp -j ACCEPT
-A INPUT -s 192.0.2.9 -j LOG
-A INPUT -p 47 -j REJECT
-A INPUT -p 50 -j REJECT --reject-with icmp-host-unreachable
COMMIT
)";
  const std::vector<std::string> lines = lines_of(text);
  const auto changed_after = [&](std::size_t a, std::size_t b) {
    std::vector<std::string> moved = lines;
    std::swap(moved[a + 1], moved[b + 1]);
    std::string other;
    for (const std::string& line : moved) other += line + "\n";
    const PairOfTexts both(text, other);
    const auto& pairs = both.pairs;
    return std::ranges::count(pairs->changed[1], true);
  };
  EXPECT_EQ(changed_after(1, 2), 0);
  EXPECT_EQ(changed_after(1, 3), 0);
  EXPECT_EQ(changed_after(4, 5), 0);
  EXPECT_EQ(changed_after(3, 4), 1);
  EXPECT_EQ(changed_after(1, 6), 2);
  EXPECT_EQ(changed_after(6, 7), 1);
  // The limit alone: the two are neighbours but for it.
  EXPECT_EQ(changed_after(6, 8), 1);
  EXPECT_EQ(changed_after(8, 9), 1);
  EXPECT_EQ(changed_after(10, 11), 1);
  std::string other = text;
  ASSERT_TRUE(replace(other, "-A INPUT -s 192.0.2.0/24", "-A INPUT -s 192.0.2.0/25"));
  ASSERT_TRUE(replace(other, "-A INPUT -s 192.0.2.7 -j DROP\n-A INPUT -s 192.0.2.8 -j DROP\n",
                      "-A INPUT -s 192.0.2.8 -j DROP\n-A INPUT -s 192.0.2.7 -j DROP\n"));
  const PairOfTexts both(text, other);
  const auto& pairs = both.pairs;
  ASSERT_TRUE(pairs.has_value());
  EXPECT_EQ(std::ranges::count(pairs->changed[0], true), 1);
}

TEST(ExchangedRulesProperty, OfPlainFilters) {
  const RandomRulesetOptions options{.tracks = false, .has_effects = false, .most_rules = 9};
  (void)compare(
      600, {150, 100, 20, 40}, IpVersion::ipv4, true,
      [&](std::mt19937& dice) { return random_ruleset(dice, options); }, moved);
}

TEST(ExchangedRulesProperty, AmongMarksAndTranslation) {
  const RandomRulesetOptions options{.most_rules = 9};
  (void)compare(
      600, {100, 60, 10, 40}, IpVersion::ipv4, false,
      [&](std::mt19937& dice) { return random_ruleset(dice, options); }, moved);
}

}  // namespace
}  // namespace untrack
