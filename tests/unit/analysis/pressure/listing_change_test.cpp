#include "analysis/pressure/listing_change.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <random>

namespace untrack {
namespace {

// The obvious way: both listings, sorted.
std::size_t missing(std::vector<std::uint64_t> all, std::vector<std::uint64_t> others) {
  std::ranges::sort(all);
  std::ranges::sort(others);
  std::vector<std::uint64_t> left;
  std::ranges::set_difference(all, others, std::back_inserter(left));
  return left.size();
}

TEST(ListingChange, is_the_difference_of_two_sorted_listings) {
  std::mt19937 dice(1);  // NOLINT(bugprone-random-generator-seed): the same each time
  for (int i = 0; i < 200; ++i) {
    std::vector<std::uint64_t> first(dice() % 30);
    std::vector<std::uint64_t> second(dice() % 30);
    for (auto& each : first) each = dice() % 20;  // some of them twice
    for (auto& each : second) each = dice() % 20;
    ListingChange change(first);
    for (const std::uint64_t each : second) change.add(each);
    EXPECT_EQ(change.made(), missing(second, first));
    EXPECT_EQ(change.gone(), missing(first, second));
  }
}

}  // namespace
}  // namespace untrack
