#include "app/pipeline/most_together.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

namespace untrack {
namespace {

struct Outcome {
  std::vector<int> taken, refused, untried;
  std::size_t trials = 0;
};

// Multiples of `bad` go with nothing.
Outcome tried(int count, int bad, std::size_t trials) {
  std::vector<int> rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), 1);
  Outcome outcome;
  const auto go = [&](const std::vector<int>& some) {
    ++outcome.trials;
    return std::ranges::none_of(some, [&](int row) { return row % bad == 0; });
  };
  const auto leave = [&](int row, bool was_tried) {
    (was_tried ? outcome.refused : outcome.untried).push_back(row);
  };
  outcome.taken = most_together(rows, trials, go, leave);
  return outcome;
}

TEST(MostTogether, TakesAllButWhatStandsInTheWay) {
  const Outcome outcome = tried(20, 7, 64);
  EXPECT_EQ(outcome.taken.size(), 18U);
  EXPECT_TRUE(std::ranges::is_sorted(outcome.taken));
  EXPECT_EQ(outcome.refused, (std::vector<int>{7, 14}));
  EXPECT_TRUE(outcome.untried.empty());
}

TEST(MostTogether, NeedsFewTrialsForOneInTheWay) { EXPECT_LE(tried(64, 40, 64).trials, 14U); }

TEST(MostTogether, TellsWhatItNoLongerTries) {
  const Outcome outcome = tried(20, 1, 5);
  EXPECT_EQ(outcome.trials, 5U);
  EXPECT_TRUE(outcome.taken.empty());
  EXPECT_EQ(outcome.refused.size() + outcome.untried.size(), 20U);
}

}  // namespace
}  // namespace untrack
