#include "analysis/pressure/load.hpp"

#include <gtest/gtest.h>

namespace untrack {
namespace {

constexpr KernelVersion modern{6, 1, 0};

struct Reading {
  std::vector<Problem> problems;
  std::optional<Load> load;
};

Reading read(std::string_view text) {
  Reading reading;
  reading.load =
      parse_load(text, {SourceId{0}, 0, static_cast<std::uint32_t>(text.size())}, reading.problems);
  return reading;
}

double entries(std::string_view text, const KernelVersion& kernel = modern) {
  const Reading reading = read(text);
  EXPECT_TRUE(reading.load) << text;
  if (!reading.load) return -1;
  return steady_state(*reading.load, default_timeouts(kernel), kernel).entries;
}

// Little's law by hand: rate x (life + timeout).
TEST(Load, entries_are_rate_times_time_in_the_table) {
  EXPECT_DOUBLE_EQ(entries("tcp=900/s,25s"), 900 * (25 + 120));
  EXPECT_DOUBLE_EQ(entries("tcp=900/s,25s,closed"), 900 * (25 + 120));
  EXPECT_DOUBLE_EQ(entries("tcp=2,000/s,5s,reset"), 2000 * (5 + 10));
  EXPECT_DOUBLE_EQ(entries("tcp=0.5/s,1h,abandoned"), 0.5 * (3600 + 432000));
  EXPECT_DOUBLE_EQ(entries("tcp=100/s,0s,unanswered"), 100 * 120);
  EXPECT_DOUBLE_EQ(entries("udp=4000/s"), 4000 * 30);
  EXPECT_DOUBLE_EQ(entries("udp=10/s,1s"), 10 * (1 + 30));
  EXPECT_DOUBLE_EQ(entries("udp=10/s,5m"), 10 * (300 + 120));
  EXPECT_DOUBLE_EQ(entries("icmp=10/s"), 10 * 30);
  EXPECT_DOUBLE_EQ(entries("icmpv6=10/s,10s"), 10 * 40);
  EXPECT_DOUBLE_EQ(entries("sctp=1/s,60s"), 70);
  EXPECT_DOUBLE_EQ(entries("gre=1/min,1h"), (3600 + 180) / 60.0);
  EXPECT_DOUBLE_EQ(entries("gre=1/s"), 30);
  EXPECT_DOUBLE_EQ(entries("other=1/s,60s"), 660);
}

TEST(Load, a_stream_of_udp_depends_on_the_kernel) {
  // Before 5.0 the third packet made a stream of it, at once, and it lasted 180 s.
  EXPECT_DOUBLE_EQ(entries("udp=10/s,1s", {4, 19, 0}), 10 * (1 + 180));
  EXPECT_DOUBLE_EQ(entries("udp=10/s,5m", {4, 19, 0}), 10 * (300 + 180));
  EXPECT_DOUBLE_EQ(entries("udp=10/s", {2, 6, 18}), 10 * 30);
}

// The slow twin: every flow is made, lives and expires, second by second.
TEST(Load, agrees_with_flows_that_come_and_go) {
  for (const char* text : {"tcp=7/s,25s", "udp=40/s", "udp=3/s,5m", "sctp=2/s,60s"}) {
    const Reading reading = read(text);
    const LoadEntries state = steady_state(*reading.load, default_timeouts(modern), modern);
    std::vector<unsigned> expiring(4000, 0);
    unsigned standing = 0;
    for (unsigned second = 0; second < 2000; ++second) {
      standing -= expiring[second];
      const auto born = static_cast<unsigned>(reading.load->rate);
      standing += born;
      expiring[second + static_cast<unsigned>(state.seconds)] += born;
    }
    EXPECT_DOUBLE_EQ(state.entries, standing) << text;
  }
}

struct Wrong {
  const char* text;
  const char* message;
  const char* label;
  std::uint32_t begin, end;
};

TEST(Load, is_refused_with_place_and_cure) {
  const Wrong wrongs[] = {
      {"tcp", "not a load: \"tcp\"", "expected PROTOCOL=RATE[,LIFE[,ENDING]], as in tcp=500/s,60s",
       0, 3},
      {"tpc=5/s", "not a protocol here: \"tpc\"",
       "expected tcp, udp, icmp, icmpv6, sctp, gre or other", 0, 3},
      {"tcp=500/x,60s", "not a unit of time: \"x\"", "expected s, min, h or d", 8, 9},
      {"tcp=500/s", "tcp needs how long a connection lives",
       "expected a duration behind the rate, as in tcp=500/s,60s", 0, 9},
      {"tcp=500/s,60", "a duration needs a unit", "expected s, ms, m, h or d", 12, 12},
      {"tcp=500/s,60s,finished", "not an ending of tcp: \"finished\"",
       "expected closed, reset, abandoned, unanswered", 14, 22},
      {"icmp=5/s,1s,closed", "not an ending of icmp: \"closed\"", "icmp takes no third part", 12,
       18},
      {"udp=", "a load needs its rate",
       "expected PROTOCOL=RATE[,LIFE[,ENDING]], as in tcp=500/s,60s", 4, 4},
  };
  for (const Wrong& wrong : wrongs) {
    const Reading reading = read(wrong.text);
    EXPECT_FALSE(reading.load) << wrong.text;
    ASSERT_EQ(reading.problems.size(), 1U) << wrong.text;
    EXPECT_EQ(reading.problems[0].message, wrong.message);
    EXPECT_EQ(reading.problems[0].label, wrong.label);
    EXPECT_EQ(reading.problems[0].span.begin, wrong.begin) << wrong.text;
    EXPECT_EQ(reading.problems[0].span.end, wrong.end) << wrong.text;
  }
}

TEST(Profile, is_one_load_a_line_with_comments) {
  Sources sources;
  const SourceId id = sources.add("web.profile",
                                  "# the web server\n"
                                  "tcp=500/s,60s   # clients\n"
                                  "\n"
                                  "  udp=2000/s\r\n"
                                  "tcp=oops\n"
                                  "icmp=1/s");
  std::vector<Problem> problems;
  const std::vector<Load> loads = parse_profile(sources[id], id, problems);
  ASSERT_EQ(loads.size(), 3U);
  EXPECT_EQ(loads[0].protocol, "tcp");
  EXPECT_EQ(sources.locate(loads[1].span), (Location{4, 3, 4, 13}));
  EXPECT_EQ(loads[2].protocol, "icmp");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(sources.locate(problems[0].span).line, 5U);
}

TEST(Endings, carry_evidence_and_their_place) {
  for (const EndingRow& row : ending_rows()) {
    EXPECT_FALSE(row.evidence.empty());
    EXPECT_FALSE(row.where.empty());
  }
}

}  // namespace
}  // namespace untrack
