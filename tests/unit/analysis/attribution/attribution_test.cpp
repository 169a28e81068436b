#include "analysis/attribution/attribution.hpp"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <string>

#include "model/resolve.hpp"
#include "parser/conntrack/entries.hpp"
#include "parser/parse.hpp"

namespace untrack {
namespace {

// Host 192.0.2.10 with rules, and what becomes of entries there.
class AttributionTest : public testing::Test {
 protected:
  void read(const std::string& rules) {
    const std::array<Input, 1> inputs{Input{sources_.add("rules", "*filter\n" + rules + "COMMIT\n"),
                                            std::nullopt, IpVersion::ipv4}};
    ruleset_ = parse(sources_, inputs);
    resolve(ruleset_);
    program_ =
        std::make_unique<Program>(ruleset_, IpVersion::ipv4, true, variables_, NotrackUse::ignored);
  }

  Attribution attributed(const std::string& lines) {
    Attributor attributor({program_.get(), nullptr}, locals_);
    HeldText text(lines);
    const UseEntry use = [&](const ConntrackEntry& entry, std::string_view) {
      attributor.add(entry);
    };
    EXPECT_TRUE(each_conntrack_entry(text, "table", sources_, use).empty());
    return attributor.result();
  }

  // Lines of the text, from 1, of the rules that admitted it.
  std::vector<std::uint32_t> lines_of(const Share& share) {
    std::vector<std::uint32_t> lines;
    for (const Admitting& by : share.by) {
      lines.push_back(by.rule.names_something() ? sources_.locate(ruleset_[by.rule].text).line : 0);
    }
    return lines;
  }

  void SetUp() override { locals_.add(IpVersion::ipv4, 0xc000020a, 24); }

  Sources sources_;
  Ruleset ruleset_;
  FreeVariables variables_;
  std::unique_ptr<Program> program_;
  LocalAddresses locals_;
};

std::string udp(const std::string& from, const std::string& to, int port,
                const std::string& answerer = "", int answerer_port = 0) {
  return "udp 17 29 src=" + from + " dst=" + to + " sport=40000 dport=" + std::to_string(port) +
         " [UNREPLIED] src=" + (answerer.empty() ? to : answerer) + " dst=" + from +
         " sport=" + std::to_string(answerer_port == 0 ? port : answerer_port) +
         " dport=40000 use=1\n";
}

using Lines = std::vector<std::uint32_t>;

TEST_F(AttributionTest, FollowsTheWayThatAddressesTell) {
  read(
      ":INPUT DROP [0:0]\n:FORWARD DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n"  // lines 2 to 4
      "-A INPUT -p udp --dport 53 -j ACCEPT\n"
      "-A FORWARD -p udp --dport 53 -j ACCEPT\n");
  const std::string other = "198.51.100.7";
  const auto by = [&](const std::string& line) {
    const Attribution found = attributed(line);
    EXPECT_EQ(found.shares.size(), 1U) << line;
    return found.shares.empty() ? Lines() : lines_of(found.shares[0]);
  };
  EXPECT_EQ(by(udp(other, "192.0.2.10", 53)), Lines{5});
  EXPECT_EQ(by(udp(other, "192.0.2.255", 53)), Lines{5});
  EXPECT_EQ(by(udp(other, "203.0.113.1", 53)), Lines{6});
  EXPECT_EQ(by(udp("192.0.2.10", other, 53)), Lines{0});
  EXPECT_EQ(by(udp(other, "224.0.0.251", 53)), (Lines{5, 6}));
  // Translated: to a server behind, and to the host itself on another port.
  EXPECT_EQ(by(udp(other, "192.0.2.10", 5353, "10.0.0.1", 53)), Lines{6});
  EXPECT_EQ(by(udp(other, "203.0.113.1", 80, "192.0.2.10", 53)), Lines{5});
  EXPECT_EQ(attributed(udp(other, "192.0.2.10", 54)).refused.entries, 1U);
  locals_ = {};
  EXPECT_EQ(by(udp(other, "192.0.2.10", 53)), (Lines{5, 6, 0}));
}

TEST_F(AttributionTest, NamesNothingWhereNoChainDecides) {
  const std::array<Input, 1> inputs{
      Input{sources_.add("nft",
                         "table ip t {\n chain c {\n  type filter hook input priority 0; policy "
                         "drop;\n  udp dport 53 accept\n }\n}\n"),
            std::nullopt, IpVersion::ipv4}};
  ruleset_ = parse(sources_, inputs);
  resolve(ruleset_);
  program_ = std::make_unique<Program>(ruleset_, IpVersion::ipv4, true, variables_);
  const Attribution found = attributed(udp("198.51.100.7", "203.0.113.1", 53));
  ASSERT_EQ(found.shares.size(), 1U);
  ASSERT_EQ(found.shares[0].by.size(), 1U);
  EXPECT_EQ(found.shares[0].by[0].path, Path::forward);
  EXPECT_FALSE(found.shares[0].by[0].rule.names_something());
  EXPECT_FALSE(found.shares[0].by[0].chain.names_something());
}

TEST_F(AttributionTest, CountsWhatAnEntryDoesNotTell) {
  read(
      ":INPUT DROP [0:0]\n"
      "-A INPUT -i lo -j ACCEPT\n"                                   // 3
      "-A INPUT -i eth0 -p udp --dport 53 -j ACCEPT\n"               // 4
      "-A INPUT -m mark --mark 7 -p udp --dport 54 -j DROP\n"        // 5
      "-A INPUT -p udp --dport 54 -j ACCEPT\n"                       // 6
      "-A INPUT -p udp --dport 55 -m limit --limit 1/s -j ACCEPT\n"  // 7
      "-A INPUT -p udp --dport 55 -j ACCEPT\n");                     // 8
  const std::string other = "198.51.100.7";
  const std::string me = "192.0.2.10";
  const Attribution found =
      attributed(udp(other, me, 53) + udp(other, me, 53) + udp(other, me, 54) + udp(other, me, 55) +
                 udp("127.0.0.1", "127.0.0.1", 9) +
                 "udp 17 9 src=2001:db8::1 dst=2001:db8::2 sport=1 dport=53\n");
  EXPECT_EQ(found.all.entries, 6U);
  EXPECT_EQ(found.all.unreplied, 5U);
  EXPECT_EQ(found.unjudged.entries, 1U);
  ASSERT_EQ(found.shares.size(), 4U);
  EXPECT_EQ(lines_of(found.shares[0]), Lines{4});
  EXPECT_EQ(found.shares[0].count.entries, 2U);
  EXPECT_EQ(found.shares[0].unless_refused, 2U);
  for (const Share& share : found.shares) {
    const Lines lines = lines_of(share);
    if (lines == Lines{3}) {
      EXPECT_EQ(share.unless_refused, 0U);
    }
    if (lines == Lines{6}) {
      EXPECT_EQ(share.unless_refused, 1U);
    }
    if (lines.size() == 2) {
      EXPECT_EQ(lines, (Lines{7, 8}));
    }
  }
  ASSERT_FALSE(found.services.empty());
  EXPECT_EQ(found.services[0].port, 53);
  EXPECT_EQ(found.services[0].entries, 3U);
  EXPECT_EQ(found.sources[0].address, Number{0xc6336407});
  EXPECT_EQ(found.sources[0].entries, 4U);
}

// TPROXY takes packets of others' addresses in.
TEST_F(AttributionTest, KnowsThatAddressesDoNotTellAll) {
  const std::array<Input, 1> inputs{Input{
      sources_.add("rules",
                   "*mangle\n:PREROUTING ACCEPT [0:0]\n"
                   "-A PREROUTING -p tcp -m tcp --dport 80 -j TPROXY --on-port 3129\nCOMMIT\n"
                   "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
                   "COMMIT\n"),
      std::nullopt, IpVersion::ipv4}};
  ruleset_ = parse(sources_, inputs);
  resolve(ruleset_);
  program_ =
      std::make_unique<Program>(ruleset_, IpVersion::ipv4, true, variables_, NotrackUse::ignored);
  const Attribution found =
      attributed("tcp 6 9 src=198.51.100.7 dst=203.0.113.1 sport=1 dport=80\n");
  ASSERT_EQ(found.shares.size(), 1U);
  EXPECT_EQ(found.shares[0].by.size(), 2U);
}

TEST_F(AttributionTest, GivesUpWhereTooManyCouldBeIt) {
  std::string rules = ":INPUT DROP [0:0]\n";
  for (int i = 0; i < 9; ++i) rules += "-A INPUT -i eth" + std::to_string(i) + " -j ACCEPT\n";
  read(rules);
  EXPECT_EQ(attributed(udp("198.51.100.7", "192.0.2.10", 53)).unknown.entries, 1U);
}

}  // namespace
}  // namespace untrack
