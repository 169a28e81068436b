#include <gtest/gtest.h>

#include <random>

#include "parser/conntrack/entries.hpp"

namespace untrack {
namespace {

TEST(ConntrackEntries, AreTheirOriginalDirection) {
  const ParsedEntries parsed = parse_conntrack_entries(
      "table",
      "ipv4     2 tcp      6 431999 ESTABLISHED src=192.0.2.1 dst=192.0.2.2 sport=40000 dport=22 "
      "src=192.0.2.2 dst=192.0.2.1 sport=22 dport=40000 [ASSURED] mark=0 zone=0 use=2\n"
      "icmp     1 29 src=192.0.2.3 dst=192.0.2.4 type=8 code=0 id=7 src=192.0.2.4 dst=192.0.2.3 "
      "type=0 code=0 id=7 use=1\r\n"
      "\n"
      "unknown  47 599 src=2001:db8::1 dst=2001:db8::2 [UNREPLIED] src=2001:db8::2 "
      "dst=2001:db8::1");
  ASSERT_TRUE(parsed.problems.empty());
  ASSERT_EQ(parsed.entries.size(), 3U);
  EXPECT_EQ(parsed.entries[0].version, IpVersion::ipv4);
  EXPECT_EQ(parsed.entries[0].protocol, 6);
  EXPECT_EQ(parsed.entries[0].source, Number{0xc0000201});
  EXPECT_EQ(parsed.entries[0].destination, Number{0xc0000202});
  EXPECT_EQ(parsed.entries[0].source_port, 40000);
  EXPECT_EQ(parsed.entries[0].destination_port, 22);
  EXPECT_EQ(parsed.entries[1].icmp_type, 8);
  EXPECT_EQ(parsed.entries[2].version, IpVersion::ipv6);
  EXPECT_EQ(parsed.entries[2].protocol, 47);
}

TEST(ConntrackEntries, AreNotWhatIsNone) {
  for (const char* line :
       {"tcp", "tcp six 10 src=192.0.2.1 dst=192.0.2.2", "tcp 600 10 src=192.0.2.1 dst=192.0.2.2",
        "tcp 6 10 src=192.0.2.1", "tcp 6 10 src= dst=192.0.2.2",
        "tcp 6 10 src=192.0.2.1 dst=192.0.2.2 sport=70000 dport=1", "*filter"}) {
    const ParsedEntries parsed = parse_conntrack_entries("table", line);
    EXPECT_EQ(parsed.problems.size(), 1U) << line;
    EXPECT_TRUE(parsed.entries.empty()) << line;
  }
}

TEST(ConntrackEntries, TellNoMoreThanAHundredFaults) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "nothing of the kind\n";
  EXPECT_EQ(parse_conntrack_entries("table", text).problems.size(), 100U);
}

// Each line becomes an entry or a problem, whatever stands in it.
TEST(ConntrackEntries, LoseNoLineOfAnyText) {
  std::mt19937 dice(1);
  constexpr std::string_view pieces[] = {"tcp",    " ",    "6 ",   "src=",  "192.0.2.1",
                                         "=",      "dst=", "::",   "ipv6 ", "\t",
                                         "sport=", "99",   "\x01", "\xff"};
  for (int i = 0; i < 2000; ++i) {
    std::string line = "x";
    for (std::size_t k = dice() % 12; k > 0; --k) line += pieces[dice() % std::size(pieces)];
    const ParsedEntries parsed = parse_conntrack_entries("table", line);
    ASSERT_EQ(parsed.entries.size() + parsed.problems.size(), 1U) << line;
    for (const Problem& problem : parsed.problems) {
      ASSERT_LE(problem.span.begin, problem.span.end);
      ASSERT_LE(problem.span.end, line.size());
    }
  }
}

}  // namespace
}  // namespace untrack
