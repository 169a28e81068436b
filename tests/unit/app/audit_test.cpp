#include "app/pipeline/audit.hpp"

#include <gtest/gtest.h>

#include "analysis/check.hpp"

namespace untrack {
namespace {

std::string save(std::string_view table, std::string_view rules) {
  std::string chains = ":PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n";
  if (table == "filter") {
    chains = ":INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT DROP [0:0]\n";
  }
  if (table == "nat") {
    chains += ":INPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n";
  }
  return "*" + std::string(table) + "\n" + chains + std::string(rules) + "COMMIT\n";
}

AuditReport audit_of(const std::string& text, std::string_view kernel = {},
                     IpVersion version = IpVersion::ipv4) {
  AuditPolicy policy;
  policy.ip_version = version;
  if (!kernel.empty()) policy.kernel = parse_kernel_version(kernel);
  return audit({{"rules", text}}, policy);
}

TrackingState state_of(const AuditReport& report, IpVersion version) {
  for (const FamilyVerdict& family : report.families) {
    if (family.version == version) return family.state;
  }
  ADD_FAILURE() << "family not given";
  return TrackingState::unknown;
}

std::size_t count(const AuditReport& report, std::string_view code) {
  std::size_t found = 0;
  for (const Finding& finding : report.findings) found += finding.check->code == code ? 1U : 0U;
  return found;
}

struct Verdict {
  std::string_view table;
  std::string_view rules;
  TrackingState current;
  TrackingState old;  // 3.10
};

// Measured, knowledge in docs/facts.md; for old kernels by their rule that the loaded module
// tracks.
const Verdict verdicts[] = {
    {"filter", "", TrackingState::not_forced, TrackingState::not_forced},
    {"filter", "-A INPUT -p tcp --dport 22 -j ACCEPT\n", TrackingState::not_forced,
     TrackingState::not_forced},
    {"filter", "-A INPUT -m state --state NEW -j ACCEPT\n", TrackingState::forced,
     TrackingState::forced},
    {"filter", "-A INPUT -m conntrack ! --ctstate INVALID -j ACCEPT\n", TrackingState::forced,
     TrackingState::forced},
    {"filter", "-A INPUT -m conntrack --ctstate UNTRACKED -j ACCEPT\n", TrackingState::forced,
     TrackingState::forced},
    {"filter", ":unused - [0:0]\n-A unused -m state --state NEW -j DROP\n", TrackingState::forced,
     TrackingState::forced},
    {"filter", "-A INPUT -m connlimit --connlimit-above 3 -j DROP\n", TrackingState::forced,
     TrackingState::forced},
    {"filter", "-A INPUT -m hashlimit --hashlimit-above 3/s --hashlimit-name x -j DROP\n",
     TrackingState::not_forced, TrackingState::not_forced},
    {"nat", "", TrackingState::not_forced, TrackingState::forced},
    {"nat", "-A OUTPUT -j ACCEPT\n", TrackingState::not_forced, TrackingState::forced},
    {"nat", "-A POSTROUTING -o eth0 -j MASQUERADE\n", TrackingState::forced, TrackingState::forced},
    {"raw", "-A PREROUTING -j CT --notrack\n", TrackingState::not_forced, TrackingState::unknown},
    {"raw", "-A PREROUTING -j NOTRACK\n", TrackingState::not_forced, TrackingState::unknown},
    {"raw", "-A PREROUTING -j CT\n", TrackingState::forced, TrackingState::forced},
    {"raw", "-A PREROUTING -j CT --zone 3\n", TrackingState::forced, TrackingState::forced},
    {"raw", "-A PREROUTING -p tcp --dport 21 -j CT --helper ftp\n", TrackingState::forced,
     TrackingState::forced},
    {"filter", "-A INPUT -m nosuchmatch --x 1 -j DROP\n", TrackingState::unknown,
     TrackingState::unknown},
    {"filter", "-A INPUT -j NOSUCHTARGET\n", TrackingState::unknown, TrackingState::unknown},
    {"filter", "-A INPUT -m nosuchmatch --x 1 -m state --state NEW -j DROP\n",
     TrackingState::forced, TrackingState::forced},
};

TEST(Audit, PresenceDecides) {
  for (const Verdict& v : verdicts) {
    const std::string text = save(v.table, v.rules);
    EXPECT_EQ(state_of(audit_of(text), IpVersion::ipv4), v.current) << text;
    EXPECT_EQ(state_of(audit_of(text, "4.10"), IpVersion::ipv4), v.current) << text;
    EXPECT_EQ(state_of(audit_of(text, "4.9.300"), IpVersion::ipv4), v.old) << text;
    EXPECT_EQ(state_of(audit_of(text, "2.6.18"), IpVersion::ipv4), v.old) << text;
  }
}

TEST(Audit, WhatIsNotKnownIsNeverFullyUnderstood) {
  for (const Verdict& v : verdicts) {
    const AuditReport report = audit_of(save(v.table, v.rules));
    if (state_of(report, IpVersion::ipv4) == TrackingState::unknown) {
      EXPECT_FALSE(report.is_fully_understood) << v.rules;
    }
  }
  EXPECT_FALSE(audit_of("").is_fully_understood);
}

TEST(Audit, FamiliesAreApart) {
  const std::string stateful = save("filter", "-A INPUT -m state --state NEW -j ACCEPT\n");
  const std::string plain = save("filter", "-A INPUT -j ACCEPT\n");
  const AuditReport report = audit({{"rules.v4", plain}, {"rules.v6", stateful}}, {});
  EXPECT_EQ(state_of(report, IpVersion::ipv4), TrackingState::not_forced);
  EXPECT_EQ(state_of(report, IpVersion::ipv6), TrackingState::forced);
  EXPECT_EQ(
      report.verdict,
      "Nothing here forces connection tracking for IPv4; it is forced for IPv6 by 1 construct "
      "in 1 of 1 rule. This host can do without it at a price: 1 of 1 flow class would be less "
      "protected.");
}

TEST(Audit, NamesOnlyFamiliesThatAreGiven) {
  const AuditReport report = audit_of(save("filter", "-A INPUT -j ACCEPT\n"));
  ASSERT_EQ(report.families.size(), 1U);
  EXPECT_EQ(report.verdict,
            "Nothing here forces connection tracking for IPv4. No IPv6 rules were given.");
}

TEST(Audit, ADeletedRuleForcesNothing) {
  EXPECT_EQ(state_of(audit_of(save("filter",
                                   "-A INPUT -m state --state NEW -j ACCEPT\n"
                                   "-D INPUT -m state --state NEW -j ACCEPT\n")),
                     IpVersion::ipv4),
            TrackingState::not_forced);
  EXPECT_EQ(
      state_of(audit_of(save("filter", "-A INPUT -m state --state NEW -j ACCEPT\n-F INPUT\n")),
               IpVersion::ipv4),
      TrackingState::not_forced);
}

TEST(Audit, VerdictsPointAtTheirFindings) {
  const AuditReport report = audit_of(save("filter",
                                           "-A INPUT -m state --state INVALID -j DROP\n"
                                           "-A INPUT -m state --state NEW -j ACCEPT\n"));
  ASSERT_EQ(report.families.size(), 1U);
  ASSERT_EQ(report.families[0].forced_by.size(), 2U);
  for (const std::size_t i : report.families[0].forced_by) {
    EXPECT_EQ(report.findings.at(i).check->code, "UT301");
  }
}

struct Fires {
  std::string_view code;
  std::size_t times;
  std::string text;
};

std::string pair_with_state(std::string_view raw) {
  return save("raw", raw) + save("filter",
                                 "-A INPUT -p udp --dport 53 -j ACCEPT\n"
                                 "-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\n");
}

TEST(Audit, ChecksAreSilentWhereTheyAreNotCertain) {
  const Fires cases[] = {
      // UT302
      {"UT302", 1, save("filter", "-A INPUT -j DROP\n-A INPUT -m state --state NEW -j ACCEPT\n")},
      {"UT302", 0,
       save("filter", "-A INPUT -i eth0 -j DROP\n-A INPUT -m state --state NEW -j ACCEPT\n")},
      {"UT302", 0, save("filter", "-A INPUT -j LOG\n-A INPUT -m state --state NEW -j ACCEPT\n")},
      {"UT302", 0,
       save("filter", ":a - [0:0]\n-A INPUT -p tcp -j a\n-A a -m state --state NEW -j ACCEPT\n")},
      {"UT302", 1,
       save("filter", ":a - [0:0]\n:b - [0:0]\n-A a -j b\n-A b -m state --state NEW -j ACCEPT\n")},
      {"UT302", 1,
       save("filter",
            ":a - [0:0]\n-A INPUT -j DROP\n-A INPUT -j a\n-A a -m state --state NEW -j ACCEPT\n")},
      {"UT302", 0,
       save("filter",
            "-A INPUT -m state --state NEW -j ACCEPT\n-A INPUT -j DROP\n"
            "-A INPUT -m state --state NEW -j ACCEPT\n")},
      // UT303, UT304
      {"UT303", 1, save("filter", "-A INPUT -m state --state INVALID -j DROP\n")},
      {"UT303", 0,
       save("filter",
            "-A INPUT -m state --state INVALID -j DROP\n-A INPUT -m state --state NEW -j LOG\n")},
      {"UT303", 0, save("filter", "-A INPUT -m conntrack ! --ctstate INVALID -j ACCEPT\n")},
      {"UT303", 0,
       save("filter", "-A INPUT -m conntrack --ctstate INVALID -j DROP\n") +
           save("nat", "-A POSTROUTING -j MASQUERADE\n")},
      {"UT304", 1, save("filter", "-A INPUT -m conntrack --ctstate UNTRACKED -j ACCEPT\n")},
      {"UT304", 0, save("filter", "-A INPUT -m conntrack --ctstate INVALID,UNTRACKED -j DROP\n")},
      // UT305
      {"UT305", 1, pair_with_state("-A PREROUTING -p udp --dport 53 -j CT --notrack\n")},
      {"UT305", 0,
       pair_with_state("-A PREROUTING -p udp --dport 53 -j CT --notrack\n"
                       "-A OUTPUT -p udp --sport 53 -j CT --notrack\n")},
      {"UT305", 2,
       pair_with_state("-A PREROUTING -p udp --dport 53 -j CT --notrack\n"
                       "-A OUTPUT -p udp --dport 53 -j CT --notrack\n")},
      {"UT305", 2,
       pair_with_state("-A PREROUTING -p udp --dport 53 -j CT --notrack\n"
                       "-A OUTPUT -p tcp --sport 53 -j CT --notrack\n")},
      {"UT305", 0,
       pair_with_state("-A PREROUTING -p udp -m multiport --ports 53 -j CT --notrack\n"
                       "-A OUTPUT -p udp -m multiport --ports 53 -j CT --notrack\n")},
      {"UT305", 0,
       pair_with_state("-A PREROUTING -p udp --dport 53 -j CT --notrack\n"
                       "-A PREROUTING -p udp --sport 53 -j CT --notrack\n")},
      {"UT305", 0, pair_with_state("-A PREROUTING -p udp --dport 514 -j CT --notrack\n")},
      {"UT305", 0, pair_with_state("-A PREROUTING -d 224.0.0.0/4 -j CT --notrack\n")},
      {"UT305", 0, pair_with_state("-A PREROUTING -p tcp --dport 80 --syn -j CT --notrack\n")},
      {"UT305", 0,
       pair_with_state("-A PREROUTING -s 192.0.2.1 -j CT --notrack\n"
                       "-A OUTPUT -d 192.0.2.1 -j CT --notrack\n")},
      {"UT305", 1, pair_with_state("-A PREROUTING -s 192.0.2.1 -j CT --notrack\n")},
      {"UT305", 0, pair_with_state("-A OUTPUT -o lo -j CT --notrack\n")},
      {"UT305", 0, save("raw", "-A PREROUTING -p udp --dport 53 -j CT --notrack\n")},
      // UT306
      {"UT306", 1, pair_with_state("-A PREROUTING -j CT --notrack\n")},
      {"UT306", 0, pair_with_state("-A PREROUTING -j CT --notrack\n-A OUTPUT -j CT --notrack\n")},
      {"UT306", 1, pair_with_state("-A PREROUTING -i lo -j CT --notrack\n")},
      {"UT306", 0,
       pair_with_state("-A PREROUTING -i lo -j CT --notrack\n-A OUTPUT -o lo -j CT --notrack\n")},
      {"UT306", 1,
       pair_with_state("-A PREROUTING -p udp --dport 53 -j CT --notrack\n"
                       "-A PREROUTING -p udp --sport 53 -j CT --notrack\n")},
      {"UT306", 0,
       pair_with_state("-A PREROUTING -p udp --dport 5301 -j CT --notrack\n"
                       "-A PREROUTING -p udp --sport 5301 -j CT --notrack\n")},
      // UT308
      {"UT308", 0, save("filter", "-A INPUT -m conntrack --ctstate UNTRACKED -j ACCEPT\n")},
      {"UT308", 0,
       save("raw", "-A OUTPUT -o lo -j CT --notrack\n") +
           save("filter", "-A OUTPUT -m conntrack --ctstate UNTRACKED -j ACCEPT\n")},
      {"UT308", 0,
       save("raw", "-A OUTPUT -o lo -j CT --notrack\n") +
           save("filter", "-A INPUT -i lo -m conntrack --ctstate UNTRACKED -j ACCEPT\n")},
      {"UT308", 1,
       save("raw", "-A OUTPUT -o lo -j CT --notrack\n") +
           save("filter", "-A FORWARD -m state --state UNTRACKED -j ACCEPT\n")},
      // UT310
      {"UT310", 1, save("filter", "-P OUTPUT ACCEPT\n-A OUTPUT -m state --state NEW -j ACCEPT\n")},
      {"UT310", 0, save("filter", "-A OUTPUT -m state --state NEW -j ACCEPT\n")},
      {"UT310", 0,
       save("filter",
            "-P OUTPUT ACCEPT\n-A OUTPUT -m state --state NEW -j ACCEPT\n-A OUTPUT -d 192.0.2.1 -j "
            "DROP\n")},
      {"UT310", 1,
       save("filter",
            "-A INPUT -m conntrack --ctstate NEW,ESTABLISHED,RELATED,INVALID -j ACCEPT\n")},
      {"UT310", 0,
       save("raw", "-A OUTPUT -o lo -j CT --notrack\n") +
           save("filter",
                "-A INPUT -m conntrack --ctstate NEW,ESTABLISHED,RELATED,INVALID -j ACCEPT\n")},
      // UT401
      {"UT401", 1,
       save("raw", "-A PREROUTING -p udp --dport 69 -j CT --helper tftp\n") +
           save("filter", "-A INPUT -m helper --helper ftp -j ACCEPT\n")},
      {"UT401", 0,
       save("raw", "-A PREROUTING -p tcp --dport 2121 -j CT --helper ftp\n") +
           save("filter", "-A INPUT -m helper --helper ftp-2121 -j ACCEPT\n")},
      {"UT401", 0, save("filter", "-A INPUT -m helper ! --helper ftp -j ACCEPT\n")},
  };
  for (const Fires& c : cases) {
    EXPECT_EQ(count(audit_of(c.text), c.code), c.times) << c.code << " for\n" << c.text;
  }
}

TEST(Audit, AnInvalidDropNeedsTheErrorsLetInBefore) {
  const std::string raw = save("raw",
                               "-A PREROUTING -p udp --dport 53 -j CT --notrack\n"
                               "-A OUTPUT -p udp --sport 53 -j CT --notrack\n");
  const std::string drop = "-A INPUT -m conntrack --ctstate INVALID -j DROP\n";
  struct Case {
    std::size_t times;
    std::string before;
  };
  const Case cases[] = {
      {1, ""},
      {0, "-A INPUT -p icmp -j ACCEPT\n"},
      {0, "-A INPUT -p icmp --icmp-type 3/4 -j ACCEPT\n"},
      {0, "-A INPUT -p icmp --icmp-type destination-unreachable -j ACCEPT\n"},
      {1, "-A INPUT -p icmp --icmp-type 8 -j ACCEPT\n"},
      {1, "-A INPUT -p icmp --icmp-type 3/1 -j ACCEPT\n"},
      {1, "-A INPUT -p tcp -j ACCEPT\n"},
      {1, "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"},
      {1, "-A INPUT -i lo -j ACCEPT\n"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(count(audit_of(raw + save("filter", c.before + drop)), "UT309"), c.times) << c.before;
  }
  const std::string with_icmp = save("raw",
                                     "-A PREROUTING -p udp --dport 53 -j CT --notrack\n"
                                     "-A PREROUTING -p icmp -j CT --notrack\n");
  EXPECT_EQ(count(audit_of(with_icmp + save("filter", drop)), "UT309"), 0U);
  EXPECT_EQ(count(audit_of(raw + save("filter",
                                      "-A INPUT -p tcp -m conntrack --ctstate INVALID -j "
                                      "DROP\n")),
                  "UT309"),
            0U);
}

TEST(Audit, SeverityFallsWhereTrackingIsBound) {
  const std::string state = save("filter", "-A INPUT -m state --state NEW -j ACCEPT\n");
  const AuditReport alone = audit_of(state);
  const AuditReport with_nat = audit_of(state + save("nat", "-A POSTROUTING -j MASQUERADE\n"));
  for (const Finding& finding : alone.findings) {
    if (finding.check->code == "UT301") {
      EXPECT_EQ(finding.severity, Severity::error);
      EXPECT_NE(finding.need, Need::bound);
    }
  }
  EXPECT_EQ(count(with_nat, "UT301"), 2U);
  for (const Finding& finding : with_nat.findings) {
    if (finding.check->code == "UT301") {
      EXPECT_EQ(finding.severity, Severity::warning);
    }
  }
}

TEST(Audit, AHelperMatchDependsOnTheKernel) {
  const std::string text = save("filter", "-A INPUT -m helper --helper ftp -j ACCEPT\n");
  EXPECT_EQ(count(audit_of(text, "4.4"), "UT401"), 0U);
  EXPECT_EQ(count(audit_of(text, "5.10"), "UT401"), 1U);
  EXPECT_EQ(count(audit_of(text, "6.1"), "UT401"), 1U);
  EXPECT_EQ(count(audit_of(text), "UT401"), 1U);
}

// As deep as no call stack is; the kernel sets no limit either.
TEST(Audit, FollowsChainsHoweverDeep) {
  constexpr int depth = 20'000;
  std::string text = "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n";
  for (int i = 0; i < depth; ++i) text += ":c" + std::to_string(i) + " - [0:0]\n";
  text += "-A INPUT -m state --state NEW -j c0\n";
  for (int i = 0; i + 1 < depth; ++i) {
    text += "-A c" + std::to_string(i) + " -j c" + std::to_string(i + 1) + "\n";
  }
  text += "COMMIT\n";
  EXPECT_EQ(count(audit_of(text), "UT301"), 1U);
}

}  // namespace
}  // namespace untrack
