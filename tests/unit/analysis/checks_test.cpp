#include "app/pipeline/checks.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "analysis/check.hpp"

namespace untrack {
namespace {

std::set<std::string> codes_of(const CheckInfo& check, std::string_view text,
                               std::string_view settings) {
  const AuditReport report = audit_example(check, "example", text, settings);
  std::set<std::string> codes;
  for (const Finding& finding : report.findings) codes.emplace(finding.check->code);
  return codes;
}

std::set<std::string> expected_of_bad(const CheckInfo& check) {
  std::set<std::string> codes = {std::string(check.code)};
  std::string_view also = check.also;
  while (!also.empty()) {
    const std::string_view code = also.substr(0, also.find(' '));
    codes.emplace(code);
    also.remove_prefix(std::min(also.size(), code.size() + 1));
  }
  return codes;
}

TEST(Checks, CodesAreSortedAndUnique) {
  const auto checks = all_checks();
  ASSERT_FALSE(checks.empty());
  for (std::size_t i = 1; i < checks.size(); ++i) {
    EXPECT_LT(checks[i - 1]->code, checks[i]->code);
  }
  std::set<std::string_view> names;
  for (const CheckInfo* const check : checks) EXPECT_TRUE(names.insert(check->name).second);
}

TEST(Checks, RowsAreComplete) {
  for (const CheckInfo* const check : all_checks()) {
    SCOPED_TRACE(check->code);
    EXPECT_EQ(check->code.size(), 5U);
    EXPECT_TRUE(check->code.starts_with("UT"));
    EXPECT_TRUE(std::all_of(check->name.begin(), check->name.end(), [](char letter) {
      return letter == '-' || std::islower(static_cast<unsigned char>(letter)) != 0;
    }));
    EXPECT_FALSE(check->since.empty());
    EXPECT_TRUE(check->summary.ends_with('.'));
    for (const char* part : {"What to do:", "Limits:"}) {
      EXPECT_NE(check->why.find(part), std::string_view::npos) << part;
    }
    EXPECT_FALSE(check->bad.empty());
    EXPECT_FALSE(check->good.empty());
    EXPECT_NE(check->run, nullptr);
  }
}

TEST(Checks, AreFoundByCodeAndByName) {
  for (const CheckInfo* const check : all_checks()) {
    EXPECT_EQ(find_check(check->code), check);
    EXPECT_EQ(find_check(check->name), check);
  }
  EXPECT_EQ(find_check("UT000"), nullptr);
  EXPECT_EQ(find_check(""), nullptr);
}

TEST(Checks, BadExamplesYieldTheirCodeAndWhatTheyMust) {
  for (const CheckInfo* const check : all_checks()) {
    EXPECT_EQ(codes_of(*check, check->bad, check->bad_settings), expected_of_bad(*check))
        << check->code;
  }
}

TEST(Checks, GoodExamplesDoNotYieldTheirCode) {
  for (const CheckInfo* const check : all_checks()) {
    EXPECT_EQ(codes_of(*check, check->good, check->good_settings).count(std::string(check->code)),
              0U)
        << check->code;
  }
}

// What a good example shows must stand: it is free of other faults, too, but for the state match
// that it may need.
TEST(Checks, GoodExamplesAreGood) {
  for (const CheckInfo* const check : all_checks()) {
    std::set<std::string> codes = codes_of(*check, check->good, check->good_settings);
    codes.erase("UT301");
    codes.erase("UT311");  // a raw table shown on its own
    EXPECT_TRUE(codes.empty()) << check->code << " yields " << *codes.begin();
  }
}

}  // namespace
}  // namespace untrack
