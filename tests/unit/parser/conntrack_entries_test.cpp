#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

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

// What is told of a line, as one value.
// What the kernel shows of a SYN that it has answered is not [UNREPLIED] (seen on 6.18).
TEST(ConntrackEntries, TellWhichHandshakesAreNotComplete) {
  const auto is_half_open = [](const std::string& front) {
    const ParsedEntries parsed = parse_conntrack_entries(
        "table", front +
                     "src=192.0.2.1 dst=192.0.2.2 sport=1 dport=80 src=192.0.2.2 "
                     "dst=192.0.2.1 sport=80 dport=1 mark=0 use=2");
    EXPECT_EQ(parsed.entries.size(), 1U) << front;
    return !parsed.entries.empty() && parsed.entries[0].is_half_open;
  };
  for (const char* state : {"SYN_RECV", "SYN_SENT", "SYN_SENT2"}) {
    EXPECT_TRUE(is_half_open(fmt::format("tcp      6 59 {} ", state)));
    EXPECT_TRUE(is_half_open(fmt::format("ipv4\t2\ttcp\t6\t59\t{}\t", state)));
  }
  for (const char* state : {"ESTABLISHED", "TIME_WAIT", "CLOSE", "NONE"}) {
    EXPECT_FALSE(is_half_open(fmt::format("tcp      6 59 {} ", state)));
  }
  EXPECT_FALSE(is_half_open("udp      17 29 "));
}

std::string told(const std::string& line) {
  const ParsedEntries parsed = parse_conntrack_entries("table", line);
  std::string text = fmt::format("{} problems", parsed.problems.size());
  for (const ConntrackEntry& e : parsed.entries) {
    text += fmt::format(
        "; {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {} {}", static_cast<int>(e.version),
        e.protocol, static_cast<std::uint64_t>(e.source >> 64U),
        static_cast<std::uint64_t>(e.source), static_cast<std::uint64_t>(e.destination >> 64U),
        static_cast<std::uint64_t>(e.destination), e.source_port, e.destination_port, e.icmp_type,
        e.icmp_code, e.is_unreplied, e.is_assured, e.is_half_open,
        static_cast<std::uint64_t>(e.answerer >> 64U), static_cast<std::uint64_t>(e.answerer),
        e.answerer_port, static_cast<int>(e.state),
        e.seconds_left ? static_cast<std::int64_t>(*e.seconds_left) : -1);
  }
  return text;
}

// An offloaded entry has neither (ct_seq_show, nf_conntrack_standalone.c).
TEST(ConntrackEntries, TellStateAndTheTimeThatIsLeft) {
  const auto of = [](const std::string& front) {
    const ParsedEntries parsed = parse_conntrack_entries(
        "table", front +
                     "src=192.0.2.1 dst=192.0.2.2 sport=1 dport=80 src=192.0.2.2 "
                     "dst=192.0.2.1 sport=80 dport=1 mark=0 use=2");
    EXPECT_EQ(parsed.entries.size(), 1U) << front;
    const ConntrackEntry entry = parsed.entries.empty() ? ConntrackEntry{} : parsed.entries[0];
    return std::pair(entry.state, entry.seconds_left);
  };
  using Told = std::pair<EntryState, std::optional<std::uint32_t>>;
  EXPECT_EQ(of("tcp      6 431999 ESTABLISHED "), (Told{EntryState::established, 431999}));
  EXPECT_EQ(of("ipv4     2 tcp      6 0 TIME_WAIT "), (Told{EntryState::time_wait, 0}));
  EXPECT_EQ(of("ipv4\t2\ttcp\t6\t9\tSYN_SENT2\t"), (Told{EntryState::syn_sent, 9}));
  EXPECT_EQ(of("udp      17 29 "), (Told{EntryState::none, 29}));
  EXPECT_EQ(of("ipv4     2 tcp      6 "), (Told{EntryState::none, std::nullopt}));
  EXPECT_EQ(of("tcp      6 4294967296 CLOSE "), (Told{EntryState::close, std::nullopt}));
}

// The quick reader takes no line with tabs: the reader of all forms judges it.
TEST(ConntrackEntries, OfTheUsualFormAreReadAsAllOthers) {
  std::mt19937 dice(7);  // NOLINT(bugprone-random-generator-seed): the same each time
  const std::vector<std::string> lines = {
      "ipv4     2 tcp      6 431999 ESTABLISHED src=192.0.2.1 dst=192.0.2.2 sport=40000 dport=22 "
      "packets=7 bytes=900 src=192.0.2.2 dst=192.0.2.1 sport=22 dport=40000 packets=5 bytes=9 "
      "[ASSURED] mark=0 zone=0 use=2",
      "udp      17 29 src=198.51.100.7 dst=203.0.113.9 sport=5353 dport=53 [UNREPLIED] "
      "src=10.0.0.1 dst=198.51.100.7 sport=5300 dport=5353 mark=0 use=1",
      "ipv4     2 icmp     1 29 src=192.0.2.3 dst=192.0.2.4 type=8 code=0 id=7 src=192.0.2.4 "
      "dst=192.0.2.3 type=0 code=0 id=7 mark=0 secctx=some use=1 ",
      "ipv6     10 tcp      6 9 CLOSE src=2001:0db8:0000:0000:0000:0000:0000:0001 "
      "dst=2001:db8::2 sport=1 dport=65535 src=2001:db8::2 dst=2001:db8::1 sport=65535 dport=1 "
      "[ASSURED]",
      "udp      17 29 src=192.0.2.1 dst=192.0.2.2 sport=5353 dport=53 src=192.0.2.2 "
      "dst=192.0.2.1 sport=53 dport=5353 [ASSURED]\n",
      "tcp      6 59 SYN_RECV src=192.0.2.9 dst=192.0.2.1 sport=5002 dport=80 src=192.0.2.1 "
      "dst=192.0.2.9 sport=80 dport=5002 mark=0 use=2"};
  const std::vector<std::string> pieces = {
      " ",    "  ",        "=",    "src=",  "dst=",    "sport=",   "x",
      "[",    "[ASSURED]", "0",    "99999", "256",     ".",        "[UNREPLIED]",
      "SYN_", ":",         "\x01", "type=", "zone=1 ", " sport=7", "-"};
  std::size_t changed = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string line = lines[dice() % lines.size()];
    for (std::size_t k = dice() % 4; k > 0; --k) {
      const std::size_t at = dice() % (line.size() + 1);
      switch (dice() % 3) {
        case 0:
          line.insert(at, pieces[dice() % pieces.size()]);
          break;
        case 1:
          line.erase(at, dice() % 6);
          break;
        default:
          line.replace(at, std::min(line.size() - at, std::size_t{dice() % 4}),
                       pieces[dice() % pieces.size()]);
      }
    }
    std::string other = line;
    std::ranges::replace(other, ' ', '\t');
    ASSERT_EQ(told(line), told(other)) << line;
    changed += told(line) == told(lines[0]) ? 0U : 1U;
  }
  EXPECT_GT(changed, 1000U);
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
