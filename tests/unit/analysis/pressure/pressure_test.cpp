#include "analysis/pressure/pressure.hpp"

#include <gtest/gtest.h>

namespace untrack {
namespace {

constexpr std::uint64_t gib = 1ULL << 30;

PressureQuestion question(const KernelVersion& kernel, std::uint64_t ram) {
  PressureQuestion asked;
  asked.kernel = kernel;
  asked.ram = Quantity{ram, {Origin::given, "--ram"}};
  return asked;
}

void add_load(PressureQuestion& asked, std::string_view text) {
  std::vector<Problem> problems;
  const auto load = parse_load(text, {}, problems);
  ASSERT_TRUE(load) << text;
  asked.loads.push_back(*load);
}

// The sketch of the design, by hand: 900 x 145 + 4,000 x 30 = 250,500 of 262,144.
TEST(Pressure, adds_up_the_loads) {
  PressureQuestion asked = question({6, 1, 0}, 8 * gib);
  add_load(asked, "tcp=900/s,25s");
  add_load(asked, "udp=4000/s");
  const Pressure pressure = assess(asked);
  EXPECT_DOUBLE_EQ(pressure.entries, 250500);
  EXPECT_DOUBLE_EQ(pressure.evictable_entries, 120000);
  EXPECT_EQ(pressure.max.value, 262144U);
  EXPECT_NEAR(pressure.occupancy(), 0.9556, 0.0001);
  EXPECT_NEAR(pressure.mean_now, 1.911, 0.001);
  EXPECT_DOUBLE_EQ(pressure.table_bytes(), 2 << 20);
  EXPECT_EQ(pressure.entry_bytes(), 256U);
  ASSERT_EQ(pressure.findings.size(), 1U);
  EXPECT_EQ(pressure.findings[0].row->name, "table-nearly-full");
  EXPECT_EQ(pressure.advice.max, 524288U);  // 2 x 250,500 = 501,000, rounded up
}

TEST(Pressure, a_table_that_is_too_small_is_an_error) {
  PressureQuestion asked = question({6, 1, 0}, gib);
  add_load(asked, "tcp=900/s,25s");
  const Pressure pressure = assess(asked);
  ASSERT_FALSE(pressure.findings.empty());
  EXPECT_EQ(pressure.findings[0].row->name, "table-full");
  EXPECT_DOUBLE_EQ(pressure.mean_now, 2);  // no more than max stand in it
  for (const FloodResult& flood : pressure.floods) EXPECT_DOUBLE_EQ(flood.seconds, 0);
}

TEST(Pressure, a_full_table_is_an_error_however_it_is_known) {
  PressureQuestion asked = question({6, 1, 0}, 8 * gib);
  asked.count = Quantity{262144, {Origin::given, "--count"}};
  EXPECT_EQ(assess(asked).findings.at(0).row->name, "table-full");
  asked.count->value = 261882;  // all but one in a thousand: while packets are dropped it swings
  EXPECT_EQ(assess(asked).findings.at(0).row->name, "table-full");
  asked.count->value = 261881;
  EXPECT_EQ(assess(asked).findings.at(0).row->name, "table-nearly-full");
  asked.count->value = 209715;  // 80 % is 209,715.2
  EXPECT_TRUE(assess(asked).findings.empty());
  asked.count.reset();
  EXPECT_TRUE(assess(asked).findings.empty());
}

TEST(Pressure, depth_thresholds) {
  PressureQuestion asked = question({6, 1, 0}, 8 * gib);
  asked.max = Quantity{262144, {Origin::given, "--max"}};
  const auto names = [&](std::uint64_t buckets) {
    asked.buckets = Quantity{buckets, {Origin::given, "--buckets"}};
    std::string text;
    for (const PressureFinding& finding : assess(asked).findings) text += finding.row->name;
    return text;
  };
  EXPECT_EQ(names(262144), "");
  EXPECT_EQ(names(65536), "");                  // exactly 8
  EXPECT_EQ(names(65024), "buckets-deep");      // 8.06
  EXPECT_EQ(names(32768), "buckets-deep");      // 16
  EXPECT_EQ(names(20480), "buckets-too-deep");  // 25.6
}

TEST(Pressure, buckets_alone_mean_hashsize) {
  PressureQuestion asked = question({6, 1, 0}, 8 * gib);
  asked.buckets = Quantity{16384, {Origin::given, "--buckets"}};
  EXPECT_EQ(assess(asked).max.value, 131072U);
  asked.buckets.reset();
  asked.host.buckets = Quantity{16384, {Origin::given, "sysctl"}};  // written at run time
  EXPECT_EQ(assess(asked).max.value, 262144U);
}

TEST(Pressure, says_what_is_missing) {
  PressureQuestion asked;
  EXPECT_TRUE(what_is_missing(asked));
  asked.max = Quantity{1000, {Origin::given, "--max"}};
  EXPECT_TRUE(what_is_missing(asked));
  asked.buckets = Quantity{1000, {Origin::given, "--buckets"}};
  EXPECT_FALSE(what_is_missing(asked));
  asked.host.max = Quantity{0, {Origin::given, "x"}};
  asked.max.reset();
  EXPECT_TRUE(what_is_missing(asked));  // 0 switches the limit off
}

TEST(Pressure, dead_only_if_both_families_are_known_not_to_be_tracked) {
  PressureQuestion asked = question({6, 1, 0}, 8 * gib);
  EXPECT_FALSE(assess(asked).is_dead());
  asked.tracking = Tracking{};
  asked.rules_given = IpVersion::ipv4;
  EXPECT_FALSE(assess(asked).is_dead());  // nothing is known of IPv6
  asked.rules_given = IpVersions::both();
  EXPECT_TRUE(assess(asked).is_dead());
  asked.kernel = KernelVersion{4, 9, 0};
  EXPECT_FALSE(assess(asked).is_dead());  // the module alone tracks
  asked.kernel = KernelVersion{4, 10, 0};
  EXPECT_TRUE(assess(asked).is_dead());
  asked.tracking->by_version[1].state = TrackingState::unknown;
  EXPECT_FALSE(assess(asked).is_dead());
  asked.tracking->by_version[1].state = TrackingState::forced;
  EXPECT_FALSE(assess(asked).is_dead());
}

TEST(Advice, costs_of_depth_by_hand) {
  // 262,144 entries of 256 bytes are 64 MiB; buckets 8 bytes each.
  const Platform platform{{6, 1, 0}, 64};
  const DepthChoice eight = depth_choice(8, 262144, 256, platform);
  EXPECT_EQ(eight.buckets, 32768U);
  EXPECT_EQ(eight.bucket_bytes, 256U << 10);
  EXPECT_EQ(eight.full_bytes, (64U << 20) + (256U << 10));
  EXPECT_DOUBLE_EQ(eight.mean, 16);
  const DepthChoice one = depth_choice(1, 262144, 256, platform);
  EXPECT_EQ(one.bucket_bytes, 2U << 20);
  EXPECT_DOUBLE_EQ(one.mean, 2);
  EXPECT_NEAR(one.deeper_than_8, 0.000237, 1e-6);
}

TEST(Advice, writes_modern_lines) {
  const Advice advice = advise({.platform = {{6, 1, 0}, 64},
                                .max = 262144,
                                .buckets = 262144,
                                .peak = 250500,
                                .peak_is = "expected",
                                .headroom = 2,
                                .depth = 4,
                                .entry_bytes = 256});
  EXPECT_EQ(advice.max, 524288U);
  // 131,072 buckets would do for a depth of 4, and there are more.
  ASSERT_EQ(advice.items.size(), 1U);
  EXPECT_EQ(advice.items[0].setting, "nf_conntrack_max");
  EXPECT_EQ(advice.items[0].write[0].path, "/etc/sysctl.d/60-conntrack.conf");
  EXPECT_EQ(advice.items[0].write[0].line, "net.netfilter.nf_conntrack_max = 524288");
  EXPECT_EQ(advice.items[0].write[1].path, "/etc/modules-load.d/conntrack.conf");
  EXPECT_EQ(advice.items[0].write[1].line, "nf_conntrack");
}

TEST(Advice, writes_the_lines_of_2_6_18) {
  const Advice advice = advise({.platform = {{2, 6, 18}, 64},
                                .max = 65536,
                                .buckets = 8192,
                                .peak = {},
                                .peak_is = "expected",
                                .headroom = 2,
                                .depth = 1,
                                .entry_bytes = 304});
  ASSERT_EQ(advice.items.size(), 2U);
  EXPECT_EQ(advice.items[0].write[0].path, "/etc/modprobe.conf");
  EXPECT_EQ(advice.items[0].write[0].line, "options ip_conntrack hashsize=65536");
  EXPECT_EQ(advice.items[1].write[0].line, "net.ipv4.ip_conntrack_max = 65536");
  EXPECT_EQ(advice.items[1].write[1].line, "ip_conntrack");
  EXPECT_EQ(advice.now[0], "echo 65536 > /sys/module/ip_conntrack/parameters/hashsize");
}

TEST(Advice, is_silent_where_nothing_would_change_and_never_shrinks) {
  const AdviceQuestion asked{.platform = {{6, 1, 0}, 64},
                             .max = 262144,
                             .buckets = 262144,
                             .peak = 1000,
                             .peak_is = "expected",
                             .headroom = 2,
                             .depth = 1,
                             .entry_bytes = 256};
  EXPECT_TRUE(advise(asked).items.empty());
  EXPECT_EQ(advise(asked).max, 262144U);
}

TEST(Advice, tidy_sizes_are_never_smaller_and_at_most_a_quarter_larger) {
  for (double value = 1; value < 5e6; value = value * 1.37 + 1) {
    const auto tidy = static_cast<double>(tidy_size(value));
    EXPECT_GE(tidy, value);
    EXPECT_LE(tidy, value * 1.25 + 1);
  }
}

TEST(TimeoutEffects, largest_rates_a_full_table_bears) {
  const Pressure pressure = assess(question({6, 1, 0}, 8 * gib));
  const auto bears = [&](Timeout timeout) {
    for (const TimeoutEffect& effect : pressure.timeout_effects) {
      if (effect.lowering->timeout == timeout) return static_cast<int>(effect.bears);
    }
    return -1;
  };
  EXPECT_EQ(bears(Timeout::tcp_time_wait), 2184);
  EXPECT_EQ(bears(Timeout::tcp_syn_sent), 2184);
  EXPECT_EQ(bears(Timeout::tcp_syn_recv), 4369);
  EXPECT_EQ(bears(Timeout::udp), 8738);
}

TEST(TimeoutEffects, count_what_the_loads_would_save) {
  PressureQuestion asked = question({6, 1, 0}, 8 * gib);
  add_load(asked, "tcp=900/s,25s");
  bool has_time_wait = false;
  for (const TimeoutEffect& effect : assess(asked).timeout_effects) {
    const bool is_time_wait = effect.lowering->timeout == Timeout::tcp_time_wait;
    has_time_wait |= is_time_wait;
    EXPECT_DOUBLE_EQ(effect.saves, is_time_wait ? 900 * 90 : 0);
  }
  EXPECT_TRUE(has_time_wait);
}

}  // namespace
}  // namespace untrack
