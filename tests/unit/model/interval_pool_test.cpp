#include "model/interval_pool.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <random>
#include <vector>

namespace untrack {
namespace {

constexpr Number most = 0xffffffffU;

// Small and large ones, at the border between them, and one that is the wrong way round.
std::vector<Interval> all_kinds() {
  return {{0, 0},
          {0, most},
          {most, most},
          {most, most + 1},
          {most + 1, most + 1},
          {5, 3},
          {most, 0},
          {0, ~Number{0}},
          {~Number{0}, ~Number{0}},
          {Number{1} << 64U, (Number{1} << 64U) + 7},
          {80, 90}};
}

Interval any_of_these(std::mt19937& dice) {
  const std::vector<Interval> kinds = all_kinds();
  return kinds[dice() % kinds.size()];
}

TEST(IntervalPool, GivesBackWhatItWasGiven) {
  IntervalPool pool;
  for (const Interval& each : all_kinds()) pool.push_back(each);
  pool.push_narrow(7, 9);
  std::vector<Interval> wanted = all_kinds();
  wanted.push_back({7, 9});
  ASSERT_EQ(pool.size(), wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_TRUE(pool[i] == wanted[i]) << i;
  EXPECT_TRUE(pool.back() == wanted.back());
}

// Whatever is put in, changed and taken out again, in any order: as a vector does it.
TEST(IntervalPool, IsAVector) {
  std::mt19937 dice(1);
  IntervalPool pool;
  std::vector<Interval> twin;
  for (int i = 0; i < 20'000; ++i) {
    const unsigned what = static_cast<unsigned>(dice() % 8);
    if (what == 0 && !twin.empty()) {
      const std::size_t count = twin.size() - dice() % std::min<std::size_t>(twin.size(), 5);
      pool.shorten(count);
      twin.resize(count);
    } else if (what == 1 && !twin.empty()) {
      const std::size_t place = dice() % twin.size();
      const Interval changed = any_of_these(dice);
      pool.set(place, changed);
      twin[place] = changed;
    } else {
      const Interval added = any_of_these(dice);
      pool.push_back(added);
      twin.push_back(added);
    }
    ASSERT_EQ(pool.size(), twin.size());
    if (i % 50 != 0) continue;
    for (std::size_t k = 0; k < twin.size(); ++k) ASSERT_TRUE(pool[k] == twin[k]) << i << ' ' << k;
  }
}

TEST(IntervalPool, IsReadInSlices) {
  IntervalPool pool;
  const std::vector<Interval> all = all_kinds();
  for (const Interval& each : all) pool.push_back(each);
  const IntervalSlice some = slice(pool, {2, 6});
  const std::vector<Interval> wanted(all.begin() + 2, all.begin() + 8);
  ASSERT_EQ(some.size(), wanted.size());
  EXPECT_TRUE(std::ranges::equal(some, wanted));
  EXPECT_TRUE(some.front() == wanted.front());
  EXPECT_TRUE(some.back() == wanted.back());
  EXPECT_TRUE(some[3] == wanted[3]);
  EXPECT_EQ(std::ranges::distance(some), 6);
  const auto last =
      std::ranges::find_if(some, [](const Interval& each) { return each.first == 5; });
  EXPECT_EQ(last - some.begin(), 3);
  EXPECT_TRUE(slice(pool, {4, 0}).empty());
}

}  // namespace
}  // namespace untrack
