#include "rewriter/unload/steps.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace untrack {
namespace {

std::string check_of_kernel(const KernelVersion& kernel) {
  UnloadPlan plan;
  plan.kernel = kernel;
  const auto steps = unload_steps(plan);
  const auto at = std::ranges::find(steps, "check-kernel", &UnloadStep::id);
  return at == steps.end() ? std::string() : at->check;
}

// A plan holds for the kernels whose modules have the names that it has: those of a minor version,
// and of a patch level in the 2.6 series.
TEST(UnloadSteps, HoldForAMinorVersion) {
  EXPECT_NE(check_of_kernel({4, 19, 194}).find("  4.19 | 4.19[.-]*) ;;"), std::string::npos);
  EXPECT_NE(check_of_kernel({2, 6, 18}).find("  2.6.18 | 2.6.18[.-]*) ;;"), std::string::npos);
}

}  // namespace
}  // namespace untrack
