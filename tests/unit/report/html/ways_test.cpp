#include "report/html/ways.hpp"

#include <gtest/gtest.h>

#include <string>

#include "app/pipeline/audit.hpp"

namespace untrack::html {
namespace {

AuditReport audited(std::string rules) {
  return audit({{"rules", std::move(rules)}}, AuditPolicy{});
}

std::string names_of(const AuditReport& report, const HookWay& way) {
  std::string names;
  for (const Station& station : way.stations) {
    if (station.kind == Station::Kind::tracking) names += "[tracking] ";
    if (station.kind == Station::Kind::confirming) names += "[confirming] ";
    if (station.kind != Station::Kind::chain) continue;
    const Chain& chain = report.ruleset[station.chain];
    names += std::string(report.ruleset[chain.table].name) + " ";
  }
  return names;
}

constexpr std::string_view raw_and_mangle = R"(*raw
:PREROUTING ACCEPT [0:0]
:skip - [0:0]
-A PREROUTING -j skip
-A skip -p udp -m udp --dport 53 -j CT --notrack
COMMIT
*mangle
:PREROUTING ACCEPT [0:0]
COMMIT
*filter
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:unused - [0:0]
-A INPUT -m conntrack --ctstate NEW -j ACCEPT
-A unused -m conntrack --ctstate NEW -j ACCEPT
COMMIT
)";

// Behind connection tracking NOTRACK comes too late.
TEST(Ways, NotrackBehindTrackingUntracksNothing) {
  const auto seen = [](const std::string& priority) {
    const AuditReport report =
        audited("table ip t {\n chain p {\n  type filter hook prerouting priority " + priority +
                ";\n  udp dport 53 notrack\n }\n chain i {\n  type filter hook input priority "
                "0;\n  ct state new accept\n }\n}\n");
    const std::vector<Ways> found = find_ways(report);
    return found.empty() ? Seen::not_known : find_hook(found[0], Hook::input)->stations[0].seen;
  };
  EXPECT_EQ(seen("raw"), Seen::mixed);
  EXPECT_EQ(seen("mangle"), Seen::tracked);
}

TEST(Ways, TrackingStandsAtItsPriority) {
  const AuditReport report = audited(std::string(raw_and_mangle));
  const std::vector<Ways> found = find_ways(report);
  ASSERT_EQ(found.size(), 1U);
  const HookWay& prerouting = *find_hook(found[0], Hook::prerouting);
  EXPECT_EQ(names_of(report, prerouting), "raw [tracking] mangle ");
  EXPECT_EQ(prerouting.stations[0].seen, Seen::not_yet);
  EXPECT_EQ(prerouting.stations[2].seen, Seen::mixed);
  ASSERT_EQ(prerouting.stations[0].called.size(), 1U);
  EXPECT_EQ(prerouting.stations[0].called[0].marks.notrack.size(), 1U);
  // iptables registers every chain of a table that it loads, declared or not.
  EXPECT_EQ(names_of(report, *find_hook(found[0], Hook::input)), "mangle filter [confirming] ");
  // NOTRACK in prerouting says nothing of what this host sends.
  const HookWay& output = *find_hook(found[0], Hook::output);
  EXPECT_EQ(names_of(report, output), "raw [tracking] mangle filter ");
  EXPECT_EQ(output.stations[3].seen, Seen::tracked);
  // The rule of a chain that nothing calls forces tracking, too.
  ASSERT_EQ(found[0].elsewhere.size(), 1U);
  EXPECT_EQ(report.sources.locate(found[0].elsewhere[0]).line, 15U);
}

TEST(Ways, WithoutForceThereIsNoTracking) {
  const AuditReport report =
      audited("*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -j ACCEPT\nCOMMIT\n");
  const std::vector<Ways> found = find_ways(report);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(names_of(report, *find_hook(found[0], Hook::prerouting)), "");
  EXPECT_EQ(find_hook(found[0], Hook::input)->stations[0].seen, Seen::untracked);
}

TEST(Ways, FamiliesAlikeShareOnePicture) {
  const AuditReport report = audited(
      "table inet t {\n chain a { type filter hook input priority 0; ct state new accept; }\n"
      " chain b { type filter hook ingress device eth0 priority 0; }\n}\n");
  const std::vector<Ways> found = find_ways(report);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].versions, IpVersions::both());
  EXPECT_EQ(find_hook(found[0], Hook::ingress)->stations.at(0).seen, Seen::not_yet);
}

TEST(Ways, OfVeryManyChainsTheMarkedOnesStay) {
  std::string rules = "table ip t {\n";
  for (int i = 0; i < 100; ++i) {
    rules += " chain c" + std::to_string(i) + " { type filter hook input priority " +
             std::to_string(i) + "; " + (i == 70 ? "ct state new accept; " : "") + "}\n";
  }
  const AuditReport report = audited(rules + "}\n");
  const std::vector<Ways> found = find_ways(report);
  const HookWay& input = *find_hook(found[0], Hook::input);
  EXPECT_EQ(input.further, 76U);
  ASSERT_EQ(input.stations.size(), 25U);  // and what confirms
  EXPECT_EQ(report.ruleset[input.stations[23].chain].name, "c70");
}

}  // namespace
}  // namespace untrack::html
