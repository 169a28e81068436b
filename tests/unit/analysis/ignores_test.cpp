#include "analysis/ignores.hpp"

#include <gtest/gtest.h>

#include <random>

#include "analysis/check.hpp"

namespace untrack {
namespace {

// The obvious twin: every ignore is looked at for every finding.
bool is_covered(const Ignores& ignores, const Finding& finding) {
  for (const Ignore& ignore : ignores.list) {
    if (ignore.span.source != finding.span.source) continue;
    for (const CheckInfo* check : ignore.checks) {
      const bool is_there =
          ignore.about.begin <= finding.span.begin && finding.span.begin < ignore.about.end;
      if (check == finding.check && (ignore.is_of_file || is_there)) return true;
    }
  }
  return false;
}

TEST(Ignores, MatchAsOneByOne) {
  std::mt19937 dice(20261127);
  const auto below = [&](std::uint32_t most) {
    return std::uniform_int_distribution<std::uint32_t>(0, most - 1)(dice);
  };
  const CheckInfo* checks[] = {find_check("UT301"), find_check("UT203"), find_check("UT310")};
  std::size_t covered = 0;
  for (int round = 0; round < 300; ++round) {
    Ignores ignores;
    for (std::uint32_t i = 0; i < below(12); ++i) {
      const std::uint32_t begin = below(100);
      Ignore ignore{{SourceId(below(2)), begin, begin + 5}, {}, {}, "why", below(10) == 0};
      ignore.about = {ignore.span.source, begin, begin + 1 + below(20)};
      ignore.checks = {checks[below(3)]};
      if (below(2) == 0) ignore.checks.push_back(checks[below(3)]);
      ignores.list.push_back(std::move(ignore));
    }
    std::vector<Finding> findings(20);
    for (Finding& finding : findings) {
      finding.check = checks[below(3)];
      const std::uint32_t begin = below(120);
      finding.span = {SourceId(below(2)), begin, begin + 1};
    }
    const auto matched = match_ignores(ignores, findings);
    for (std::size_t i = 0; i < findings.size(); ++i) {
      EXPECT_EQ(matched[i].has_value(), is_covered(ignores, findings[i])) << round;
      covered += matched[i].has_value() ? 1U : 0U;
      if (!matched[i]) continue;
      Ignores one;
      one.list = {ignores.list[*matched[i]]};
      EXPECT_TRUE(is_covered(one, findings[i])) << round;
    }
  }
  EXPECT_GT(covered, 500U);
}

TEST(Ignores, CannotSilenceLimits) {
  for (const char* code : {"UT101", "UT104", "UT105", "UT901", "UT902"}) {
    EXPECT_FALSE(may_be_ignored(*find_check(code))) << code;
  }
  EXPECT_TRUE(may_be_ignored(*find_check("UT301")));
}

}  // namespace
}  // namespace untrack
