#include "analysis/pressure/flood.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <random>

namespace untrack {
namespace {

constexpr KernelVersion modern{6, 1, 0};

const FloodRow& row(std::string_view name) {
  for (const FloodRow& candidate : flood_rows()) {
    if (candidate.name == name) return candidate;
  }
  throw std::logic_error("no such flood");
}

FloodResult run(std::string_view name, double rate, double occupied, double max,
                const KernelVersion& kernel = modern) {
  return flood(row(name), rate, occupied, max, default_timeouts(kernel), kernel);
}

// By hand: free places / rate, if that comes before the first entries expire.
TEST(Flood, fills_a_table_in_free_places_over_rate) {
  const FloodResult syn = run("syn_unanswered", 10000, 0, 262144);
  EXPECT_EQ(syn.outcome, FloodOutcome::fills);
  EXPECT_DOUBLE_EQ(syn.seconds, 26.2144);
  const FloodResult connections = run("connections", 2000, 0, 262144);
  EXPECT_EQ(connections.outcome, FloodOutcome::fills);
  EXPECT_DOUBLE_EQ(connections.seconds, 131.072);
  EXPECT_DOUBLE_EQ(run("udp", 1000, 262144 - 5000, 262144).seconds, 5);
  EXPECT_DOUBLE_EQ(run("udp", 1000, 300000, 262144).seconds, 0);
}

// The largest rates a table of 262,144 bears without filling: 2,184/s SYN_SENT, 4,369/s SYN_RECV,
// 8,738/s UDP.
TEST(Flood, never_fills_below_the_rate_that_expiry_balances) {
  const KernelVersion without_collector{4, 8, 0};
  EXPECT_EQ(run("syn_unanswered", 2184, 0, 262144, without_collector).outcome, FloodOutcome::never);
  EXPECT_EQ(run("syn_unanswered", 2185, 0, 262144, without_collector).outcome, FloodOutcome::fills);
  EXPECT_EQ(run("syn_answered", 4369, 0, 262144, without_collector).outcome, FloodOutcome::never);
  EXPECT_EQ(run("syn_answered", 4370, 0, 262144, without_collector).outcome, FloodOutcome::fills);
  EXPECT_EQ(run("udp", 8738, 0, 262144, without_collector).outcome, FloodOutcome::never);
  EXPECT_EQ(run("udp", 8739, 0, 262144, without_collector).outcome, FloodOutcome::fills);
  EXPECT_DOUBLE_EQ(run("udp", 1000, 0, 262144, without_collector).entries, 30000);
}

TEST(Flood, late_collection_can_fill_what_expiry_would_balance) {
  EXPECT_EQ(run("udp", 8000, 0, 262144).outcome, FloodOutcome::may_fill);  // 32.8 s: 30 + up to 60
  EXPECT_EQ(run("udp", 2912, 0, 262144).outcome, FloodOutcome::never);     // 90.02 s
  EXPECT_EQ(run("udp", 2913, 0, 262144).outcome, FloodOutcome::may_fill);
}

// The slow twin: one entry at a time comes in and goes when its fixed timer runs out.
TEST(Flood, agrees_with_entries_that_expire_one_by_one) {
  const KernelVersion without_collector{4, 8, 0};
  std::mt19937 random(7);
  std::uniform_real_distribution<double> rates(10, 400);
  std::uniform_int_distribution<unsigned> maxima(500, 12000);
  for (int round = 0; round < 60; ++round) {
    const double rate = rates(random);
    const unsigned max = maxima(random);
    const unsigned occupied = max / 4;
    const FloodResult result = run("udp", rate, occupied, max, without_collector);
    std::deque<double> expiries;
    double full_at = -1;
    for (unsigned i = 1; i / rate < 200; ++i) {
      const double now = i / rate;
      while (!expiries.empty() && expiries.front() <= now) expiries.pop_front();
      expiries.push_back(now + 30);
      if (expiries.size() + occupied >= max) {
        full_at = now;
        break;
      }
    }
    if (std::abs(result.seconds - 30) < 2 / rate) continue;  // on the edge, rounding decides
    EXPECT_EQ(result.outcome == FloodOutcome::fills, full_at >= 0) << rate << " " << max;
    if (full_at >= 0) {
      EXPECT_NEAR(result.seconds, full_at, 1.5 / rate);
    }
  }
}

TEST(Eviction, searches_more_in_newer_kernels) {
  EXPECT_EQ(eviction_row({2, 6, 18}).buckets, 1U);
  EXPECT_EQ(eviction_row({3, 10, 0}).buckets, 0U);
  EXPECT_EQ(eviction_row({6, 1, 0}).buckets, 8U);
  EXPECT_FALSE(share_without_victim(1000, 1024, {3, 10, 0}));
  // 16 tuples x evictable / buckets are expected in 8 buckets.
  EXPECT_NEAR(*share_without_victim(131072, 262144, modern), std::exp(-8.0), 1e-12);
  EXPECT_DOUBLE_EQ(*share_without_victim(0, 262144, modern), 1);
  EXPECT_NEAR(*share_without_victim(8192, 8192, {2, 6, 18}), std::exp(-2.0), 1e-12);
}

}  // namespace
}  // namespace untrack
