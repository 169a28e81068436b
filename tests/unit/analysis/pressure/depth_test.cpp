#include "analysis/pressure/depth.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace untrack {
namespace {

TEST(Depth, mean_counts_two_tuples_per_entry) {
  EXPECT_DOUBLE_EQ(mean_depth(262144, 262144), 2);
  EXPECT_DOUBLE_EQ(mean_depth(262144, 65536), 8);
  EXPECT_DOUBLE_EQ(mean_depth(0, 1024), 0);
  EXPECT_DOUBLE_EQ(mean_depth(10, 0), 0);
}

// P(X > 8) for a mean of 2 from a printed table of the Poisson distribution: 0.000237.
TEST(Depth, tail_agrees_with_printed_tables) {
  EXPECT_NEAR(share_deeper_than(2, 8), 0.000237447, 1e-8);
  EXPECT_NEAR(share_deeper_than(2, 0), 1 - std::exp(-2.0), 1e-12);
  EXPECT_NEAR(share_deeper_than(8, 8), 0.407453, 1e-6);
  EXPECT_NEAR(share_deeper_than(16, 8), 0.978013, 1e-6);
  EXPECT_DOUBLE_EQ(share_deeper_than(0, 3), 0);
  EXPECT_NEAR(share_deeper_than(2000, 8), 1, 1e-12);
  EXPECT_NEAR(share_deeper_than(2000, 2000), 0.494, 0.003);
  EXPECT_LT(share_deeper_than(2, 79), 1e-80);
  EXPECT_GE(share_deeper_than(2, 79), 0);
}

// The exact distribution of one bucket's depth: each of `tuples` falls into it with probability
// 1 / buckets, one after the other.
std::vector<double> exact_binomial(unsigned tuples, double buckets) {
  std::vector<double> at(1, 1.0);
  for (unsigned i = 0; i < tuples; ++i) {
    std::vector<double> next(std::min<std::size_t>(at.size() + 1, 128), 0.0);
    for (std::size_t k = 0; k < at.size(); ++k) {
      next[k] += at[k] * (1 - 1 / buckets);
      if (k + 1 < next.size()) next[k + 1] += at[k] / buckets;
    }
    at = std::move(next);
  }
  return at;
}

TEST(Depth, tail_agrees_with_the_exact_binomial) {
  constexpr double buckets = 4096;
  for (const unsigned entries : {512U, 2048U, 4096U, 8192U, 16384U}) {
    const std::vector<double> exact = exact_binomial(2 * entries, buckets);
    for (unsigned depth = 0; depth <= 24; ++depth) {
      double tail = 0;
      for (std::size_t k = exact.size(); k-- > depth + 1;) tail += exact[k];
      if (tail < 1e-12) continue;
      EXPECT_NEAR(share_deeper_than(mean_depth(entries, buckets), depth) / tail, 1, 0.06)
          << entries << " entries, depth " << depth;
    }
  }
}

TEST(Depth, tail_agrees_with_throwing_tuples_into_buckets) {
  constexpr unsigned buckets = 65536;
  constexpr unsigned entries = 65536;
  std::mt19937 random(20240607);
  std::uniform_int_distribution<unsigned> bucket(0, buckets - 1);
  std::vector<unsigned> depths(buckets, 0);
  for (unsigned i = 0; i < 2 * entries; ++i) ++depths[bucket(random)];
  for (unsigned limit = 0; limit < 7; ++limit) {
    unsigned deeper = 0;
    for (const unsigned depth : depths) deeper += depth > limit ? 1 : 0;
    const double expected = share_deeper_than(2, limit) * buckets;
    EXPECT_NEAR(deeper, expected, 5 * std::sqrt(expected) + 1) << limit;
  }
}

TEST(ChainCap, came_with_5_15_and_rose_with_6_3) {
  EXPECT_EQ(chain_cap({5, 10, 0}), nullptr);
  EXPECT_EQ(chain_cap({5, 15, 0})->least, 8U);
  EXPECT_EQ(chain_cap({6, 1, 0})->most, 32U);
  EXPECT_EQ(chain_cap({6, 3, 0})->least, 50U);
  EXPECT_EQ(chain_cap({6, 18, 0})->most, 79U);
}

TEST(ChainCap, rose_with_updates_of_older_series) {
  const auto least = [](int major, int minor, int patch) {
    return chain_cap({major, minor, patch})->least;
  };
  EXPECT_EQ(8U, least(5, 15, 102));
  EXPECT_EQ(50U, least(5, 15, 103));
  EXPECT_EQ(8U, least(6, 0, 19));
  EXPECT_EQ(8U, least(6, 1, 19));
  EXPECT_EQ(50U, least(6, 1, 20));
  EXPECT_EQ(8U, least(6, 2, 6));
  EXPECT_EQ(50U, least(6, 2, 7));
}

TEST(ChainCap, bites_only_where_buckets_were_left_small) {
  EXPECT_LT(share_refused(2, *chain_cap({6, 1, 0})), 1e-4);
  EXPECT_GT(share_refused(16, *chain_cap({6, 1, 0})), 0.2);
  EXPECT_LT(share_refused(16, *chain_cap({6, 18, 0})), 1e-9);
}

}  // namespace
}  // namespace untrack
