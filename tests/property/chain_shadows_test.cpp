// Shadows within single chains: what they name is what the sets of all packets show, too; and the
// index that finds rules with something in common finds what a look at each of them finds.
#include "analysis/chain_shadows.hpp"

#include <gtest/gtest.h>

#include <random>

#include "analysis/flows/family_world.hpp"
#include "analysis/overlap_index.hpp"
#include "tests/property/random_packet.hpp"
#include "tests/property/random_ruleset.hpp"
#include "tests/property/seed.hpp"

namespace untrack {
namespace {

void expect_within_whole(bool is_ipv6, std::size_t least) {
  std::mt19937 dice = seeded_dice();
  const IpVersion version = is_ipv6 ? IpVersion::ipv6 : IpVersion::ipv4;
  std::size_t named = 0;
  for (int i = 0; i < 400; ++i) {
    const auto given = read(random_ruleset(dice, {.is_ipv6 = is_ipv6, .most_rules = 9}), version);
    FamilyWorld family(given->ruleset, version, given->program->tracks());
    const Shadows of_chains = find_chain_shadows(family.program(), 1'000'000);
    for (std::size_t k = 0; k < of_chains.of_rule.size(); ++k) {
      if (!of_chains.of_rule[k]) continue;
      // A rule that nothing comes to is no shadow for the whole; it matches nothing all the same.
      for (const Path path : all_paths) {
        for (const RuleReach& row : family.reached(path).rules) {
          if (row.rule.index() != k) continue;
          ASSERT_EQ(row.matches, Diagram::no) << given->sources[SourceId{}].text();
        }
      }
      ++named;
    }
  }
  // A test that never met one shows nothing.
  EXPECT_GE(named, least);
}

TEST(ChainShadows, AreMatchedByNoPacketOfTheWhole) { expect_within_whole(false, 100); }
TEST(ChainShadows, AreMatchedByNoPacketOfTheWholeInIpv6) { expect_within_whole(true, 100); }

TEST(OverlapIndex, FindsWhatALookAtEachFinds) {
  std::mt19937 dice = seeded_dice();
  for (int i = 0; i < 300; ++i) {
    const Number span = i % 2 == 0 ? 30 : 1'000;
    const auto any = [&] {
      const Number a = dice() % span;
      const Number b = dice() % 4 == 0 ? dice() % span : a + dice() % 3;
      return Interval{std::min(a, b), std::max(a, b)};
    };
    std::vector<Interval> intervals(dice() % 40);
    for (Interval& interval : intervals) interval = any();
    const OverlapIndex index(intervals);
    for (int k = 0; k < 20; ++k) {
      const Interval wanted = any();
      std::vector<bool> found(intervals.size());
      index.for_each(wanted, [&](std::uint32_t place) {
        ASSERT_FALSE(found[place]) << "twice";
        found[place] = true;
      });
      std::size_t count = 0;
      for (std::size_t place = 0; place < intervals.size(); ++place) {
        const bool overlaps =
            intervals[place].first <= wanted.last && wanted.first <= intervals[place].last;
        ASSERT_EQ(found[place], overlaps);
        count += overlaps ? 1 : 0;
      }
      ASSERT_EQ(index.count(wanted), count);
    }
  }
}

}  // namespace
}  // namespace untrack
