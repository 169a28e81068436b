#include "analysis/walk/effects.hpp"

#include <gtest/gtest.h>

namespace untrack {
namespace {

TEST(Effects, AreSortedByLevelWhicheverCameFirst) {
  const Effects low{{1, 4, 4}};
  const Effects high{{3, 0, 2}};
  const Effects both{{1, 4, 4}, {3, 0, 2}};
  EXPECT_EQ(after(low, high), both);
  EXPECT_EQ(after(high, low), both);
}

TEST(Effects, TheLaterOneOfALevelCounts) {
  const Effects first{{1, 4, 4}, {3, 0, 2}};
  const Effects then{{3, 5, 5}};
  EXPECT_EQ(after(first, then), (Effects{{1, 4, 4}, {3, 5, 5}}));
}

TEST(Outcomes, HaveOneNumberEach) {
  Outcomes outcomes;
  const std::size_t ends = outcomes.size();
  EXPECT_FALSE(outcomes.have_effects());
  const Outcome marked{End::accept, {{3, 0, 2}}};
  const auto number = outcomes.of(marked);
  EXPECT_EQ(outcomes.of(marked), number);
  EXPECT_EQ(outcomes.size(), ends + 1);
  EXPECT_EQ(outcomes[number], marked);
  EXPECT_EQ(outcomes.of({End::drop, {}}), static_cast<std::uint32_t>(End::drop));
  EXPECT_TRUE(outcomes.have_effects());
}

}  // namespace
}  // namespace untrack
