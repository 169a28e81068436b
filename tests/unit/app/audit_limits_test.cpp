// What a limit of the analysis ends is told, once a family (UT902), and changes nothing else.
#include <gtest/gtest.h>

#include <algorithm>

#include "analysis/check.hpp"
#include "app/pipeline/audit.hpp"

namespace untrack {
namespace {

constexpr std::size_t usual = FamilyWorld::usual_limits.nodes;

std::string filter(const std::string& rules) {
  return "*filter\n:INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\n" + rules +
         "COMMIT\n";
}

std::size_t count(const AuditReport& report, std::string_view code) {
  std::size_t found = 0;
  for (const Finding& finding : report.findings) found += finding.check->code == code ? 1U : 0U;
  return found;
}

const Finding* find_limit(const AuditReport& report) {
  for (const Finding& finding : report.findings) {
    if (finding.check->code == "UT902") return &finding;
  }
  return nullptr;
}

AuditReport audit_within(std::size_t nodes, const std::string& text) {
  AuditPolicy policy;
  policy.ip_version = IpVersion::ipv4;
  policy.limits.nodes = nodes;
  return audit({{"rules", text}}, policy);
}

// One finding a family, with a line for each question that has no answer.
TEST(AuditLimits, AreToldOnceWithAllTheyEnded) {
  const std::string text =
      filter("-A INPUT -m state --state ESTABLISHED -j ACCEPT\n-A INPUT -p tcp -j ACCEPT\n");
  const AuditReport report = audit_within(20, text);
  EXPECT_EQ(count(report, "UT902"), 1U);
  const Finding* finding = find_limit(report);
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->severity, Severity::note);
  EXPECT_EQ(finding->ip_versions, IpVersions(IpVersion::ipv4));
  EXPECT_EQ(finding->notes.size(), 4U);
  ASSERT_EQ(report.flows.size(), 1U);
  EXPECT_FALSE(report.flows.front().not_known.empty());
  EXPECT_NE(report.verdict.find("is not known"), std::string::npos) << report.verdict;
}

// Rules are then held against each other within their chains.
TEST(AuditLimits, LeaveShadowsWithinChains) {
  const AuditReport report =
      audit_within(20, filter("-A INPUT -s 192.0.2.0/24 -j DROP\n-A INPUT -s 192.0.2.1/32 -j DROP\n"
                              "-A INPUT -s 198.51.100.1/32 -j DROP\n"));
  EXPECT_EQ(count(report, "UT902"), 1U);
  EXPECT_EQ(count(report, "UT201"), 1U);
}

// The mark that the last rule asks for is not the one that the first saw.
TEST(AuditLimits, NameNoShadowsWhereMarksChange) {
  const AuditReport report =
      audit_within(20,
                   "*mangle\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -m mark --mark 0x1 -j ACCEPT\n"
                   "-A PREROUTING -j MARK --set-xmark 0x1/0xffffffff\n"
                   "-A PREROUTING -m mark --mark 0x1 -j DROP\nCOMMIT\n");
  EXPECT_EQ(count(report, "UT902"), 1U);
  EXPECT_EQ(count(report, "UT201") + count(report, "UT203"), 0U);
}

// A loop of chains has no order in which what is called comes first.
TEST(AuditLimits, EndInALoopOfChains) {
  const AuditReport report = audit_within(
      20, filter(":a - [0:0]\n:b - [0:0]\n-A INPUT -j a\n-A a -s 192.0.2.1/32 -j DROP\n"
                 "-A a -s 192.0.2.1/32 -j DROP\n-A a -j b\n-A b -j a\n"));
  EXPECT_EQ(count(report, "UT201"), 0U);
}

// Flow classes are asked for only where something may track.
TEST(AuditLimits, NameOnlyWhatWasAsked) {
  const AuditReport report = audit_within(20, filter("-A INPUT -p tcp -j ACCEPT\n"));
  const Finding* finding = find_limit(report);
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->notes.size(), 3U);
  EXPECT_TRUE(report.is_fully_understood);
}

TEST(AuditLimits, AreNotToldWhereNoneIsReached) {
  const std::string text = filter("-A INPUT -p tcp -j ACCEPT\n");
  EXPECT_EQ(count(audit_within(usual, text), "UT902"), 0U);
  // A part of a larger ruleset is no matter of size.
  EXPECT_EQ(count(audit_within(20, "iptables -A INPUT -p tcp -j ACCEPT\n"), "UT902"), 0U);
}

// Whatever the limit, what is found within it is what is found without one.
TEST(AuditLimits, AddNoFindings) {
  const std::string text = filter(
      "-A INPUT -s 192.0.2.1/32 -p tcp --dport 22 -j ACCEPT\n-A INPUT -p tcp --dport 22 -j ACCEPT\n"
      "-A INPUT -s 192.0.2.2/32 -p tcp --dport 22 -j DROP\n-A FORWARD -p udp -j ACCEPT\n");
  const AuditReport whole = audit_within(usual, text);
  ASSERT_EQ(count(whole, "UT202"), 1U);
  for (std::size_t nodes = 10; nodes < 3000; nodes += nodes / 2) {
    const AuditReport part = audit_within(nodes, text);
    for (const Finding& finding : part.findings) {
      if (finding.check->code == "UT902") continue;
      const auto is_same = [&](const Finding& other) {
        return other.check == finding.check && other.span == finding.span;
      };
      EXPECT_TRUE(std::any_of(whole.findings.begin(), whole.findings.end(), is_same))
          << finding.check->code << " within " << nodes;
    }
    if (part.findings.size() < whole.findings.size()) {
      EXPECT_EQ(count(part, "UT902"), 1U);
    }
  }
}

}  // namespace
}  // namespace untrack
