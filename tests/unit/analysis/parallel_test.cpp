#include "analysis/parallel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace untrack {
namespace {

TEST(InParallel, DoesEachOnceWhateverTheThreads) {
  for (const std::size_t threads : {0U, 1U, 2U, 7U, 100U}) {
    std::vector<std::atomic<int>> done(50);
    in_parallel(done.size(), threads, [&](std::size_t i) { ++done[i]; });
    for (const auto& count : done) EXPECT_EQ(count, 1) << threads;
  }
  in_parallel(0, 4, [](std::size_t) { FAIL(); });
}

TEST(InParallel, ThrowsWhatTheWorkThrows) {
  for (const std::size_t threads : {1U, 4U}) {
    const auto work = [](std::size_t i) {
      if (i == 3) throw std::runtime_error("three");
    };
    EXPECT_THROW(in_parallel(20, threads, work), std::runtime_error) << threads;
  }
}

}  // namespace
}  // namespace untrack
