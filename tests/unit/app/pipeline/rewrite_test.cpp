// What holds of every rewrite: its output is accepted by `verify`, does not force tracking, and is
// left alone by another rewrite. Over the samples and the inputs of the golden cases.
#include "app/pipeline/rewrite.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "app/pipeline/verify.hpp"
#include "tests/paths.hpp"

namespace untrack {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Every ruleset of the folder, by name.
std::vector<InputText> rulesets_below(const char* folder) {
  std::vector<InputText> inputs;
  for (const auto& entry :
       fs::recursive_directory_iterator(fs::path(UNTRACK_SOURCE_DIR) / folder)) {
    const fs::path& path = entry.path();
    if (path.extension() != ".rules" || path.filename() == "campus-large.rules") continue;
    if (path.string().find("/written/") != std::string::npos) continue;
    inputs.push_back({path.string(), read_file(path)});
  }
  std::ranges::sort(inputs, {}, &InputText::path);
  return inputs;
}

// Gives the version away where it was rewritten.
bool is_rewritten_soundly(const InputText& input, IpVersion version) {
  RewritePolicy policy;
  policy.mode = RewriteMode::stateless;
  policy.ip_version = version;
  const RewriteReport report = rewrite({input}, policy);
  EXPECT_EQ(report.files.size(), 1U);
  if (!report.has_changed()) {
    EXPECT_EQ(report.files.front().text, input.text) << input.path;
    return false;
  }
  const InputText after{input.path, report.files.front().text};
  const RewriteReport again = rewrite({after}, policy);
  EXPECT_FALSE(again.has_changed()) << input.path;
  for (std::size_t i = 0; i < report.families.size(); ++i) {
    if (report.families[i].outcome != RewriteOutcome::rewritten) continue;
    EXPECT_EQ(again.families[i].outcome, RewriteOutcome::nothing_to_do) << input.path;
  }
  VerifyPolicy verified;
  verified.mode = RewriteMode::stateless;
  verified.ip_version = version;
  EXPECT_TRUE(verify({input}, {after}, verified).is_proven()) << input.path;
  AuditPolicy audited;
  audited.ip_version = version;
  for (const FamilyVerdict& family : audit({after}, audited).families) {
    EXPECT_EQ(family.state, TrackingState::not_forced) << input.path;
  }
  return true;
}

std::size_t rewritten_below(const char* folder) {
  std::size_t count = 0;
  for (const InputText& input : rulesets_below(folder)) {
    const bool is_ipv6 = input.path.find("v6") != std::string::npos;
    if (is_rewritten_soundly(input, is_ipv6 ? IpVersion::ipv6 : IpVersion::ipv4)) ++count;
  }
  return count;
}

TEST(Rewrite, IsSoundAndDoneOfSamples) { EXPECT_GE(rewritten_below("samples"), 3U); }

TEST(Rewrite, IsSoundAndDoneOfItsGoldenCases) {
  EXPECT_GE(rewritten_below("tests/cases/rewrite"), 12U);
}

TEST(Rewrite, IsSoundAndDoneOfTheCasesOfVerify) {
  EXPECT_GE(rewritten_below("tests/cases/verify"), 8U);
}

TEST(Rewrite, GivesNothingAwayThatIsRefused) {
  const std::string text =
      "*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -j MASQUERADE\nCOMMIT\n"
      "*filter\n:INPUT DROP [0:0]\n-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\nCOMMIT\n";
  RewritePolicy policy;
  policy.mode = RewriteMode::stateless;
  policy.ip_version = IpVersion::ipv4;
  const RewriteReport report = rewrite({{"a.rules", text}}, policy);
  EXPECT_TRUE(report.is_refused());
  EXPECT_FALSE(report.has_changed());
  EXPECT_EQ(report.files.front().text, text);
  ASSERT_EQ(report.families.size(), 1U);
  EXPECT_EQ(report.families.front().refusals.size(), 1U);
}

}  // namespace
}  // namespace untrack
