#include "app/pipeline/flow_need.hpp"

#include <gtest/gtest.h>

#include "app/pipeline/audit.hpp"

namespace untrack {
namespace {

AuditReport audit_of(std::string_view rules) {
  AuditPolicy policy;
  policy.ip_version = IpVersion::ipv4;
  return audit({{"rules", std::string(rules)}}, policy);
}

constexpr std::string_view server = R"(*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 443 -m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT
-A OUTPUT -p tcp -m tcp --sport 443 -j ACCEPT
COMMIT
)";

bool claims_free(const AuditReport& report) {
  return need_sentence(report).find("does not need it") != std::string::npos;
}

TEST(FlowNeed, AHostWhoseClassesAreAllFreeDoesNotNeedTracking) {
  const AuditReport report = audit_of(R"(*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT DROP [0:0]
-A INPUT -p tcp -m tcp --dport 443 -m conntrack --ctstate NEW -j ACCEPT
-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
-A OUTPUT -p tcp -m tcp --sport 443 --tcp-flags ACK ACK -j ACCEPT
-A OUTPUT -p tcp -m tcp --sport 443 --tcp-flags RST RST -j ACCEPT
COMMIT
)");
  EXPECT_TRUE(claims_free(report)) << need_sentence(report);
}

// A wrong "does not need it" is the worst answer there is.
TEST(FlowNeed, NothingIsClaimedWhereTheRulesetIsNotWhole) {
  const std::string whole(server);
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string text = whole;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos);
    return text.replace(at, from.size(), to);
  };
  // A way that no chain decides about, a verdict of another program, something unknown.
  EXPECT_FALSE(claims_free(audit_of(with(":FORWARD DROP [0:0]\n", ""))));
  EXPECT_FALSE(claims_free(audit_of(with("COMMIT", "-A INPUT -j NFQUEUE\nCOMMIT"))));
  EXPECT_FALSE(claims_free(audit_of(with("COMMIT", "-A INPUT -m unheard-of -j ACCEPT\nCOMMIT"))));
  // A piece of a ruleset has no classes at all.
  const AuditReport piece =
      audit_of("-A INPUT -p tcp --dport 443 -m conntrack --ctstate NEW -j ACCEPT\n");
  EXPECT_FALSE(claims_free(piece));
  for (const FlowTable& table : piece.flows) {
    EXPECT_TRUE(table.not_known.empty() || table.rows.empty());
  }
}

TEST(FlowNeed, AStateMatchNeedsWhatTheFlowsBehindItNeed) {
  const AuditReport report = audit_of(R"(*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -j ACCEPT
-A INPUT -m conntrack --ctstate INVALID -j DROP
COMMIT
)");
  ASSERT_EQ(report.findings.size(), 3U);
  // Answers to what the host asks come in by it, too, and those have a price.
  EXPECT_EQ(report.findings[0].need, Need::priced);
  EXPECT_EQ(report.findings[1].need, Need::free);
  EXPECT_EQ(report.findings[2].need, std::nullopt);
  EXPECT_NE(need_sentence(report).find("at a price: 1 of 2"), std::string::npos);
}

TEST(FlowNeed, TranslationIsNamedWithItsPlace) {
  const AuditReport report = audit_of(R"(*nat
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -o eth0 -j MASQUERADE
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -i eth1 -o eth0 -j ACCEPT
COMMIT
)");
  EXPECT_EQ(need_sentence(report), " This host needs it for -j MASQUERADE (rules:3).");
}

TEST(FlowNeed, WithoutTrackingThereIsNothingToSay) {
  const AuditReport report = audit_of("*filter\n:INPUT DROP [0:0]\nCOMMIT\n");
  EXPECT_TRUE(report.flows.empty());
  EXPECT_EQ(need_sentence(report), "");
}

}  // namespace
}  // namespace untrack
