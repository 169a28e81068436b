#include "analysis/pressure/entry_timeouts.hpp"

#include <gtest/gtest.h>

namespace untrack {
namespace {

constexpr KernelVersion kernel{6, 1, 0};

ConntrackEntry tcp(EntryState state, std::optional<std::uint32_t> seconds_left) {
  ConntrackEntry entry;
  entry.protocol = 6;
  entry.state = state;
  entry.seconds_left = seconds_left;
  return entry;
}

ConntrackEntry other(std::uint8_t protocol, bool is_assured, std::uint32_t seconds_left) {
  ConntrackEntry entry;
  entry.protocol = protocol;
  entry.is_assured = is_assured;
  entry.seconds_left = seconds_left;
  return entry;
}

std::uint64_t silent(const std::vector<ConntrackEntry>& entries, Timeout timeout,
                     const Timeouts& timeouts = default_timeouts(kernel)) {
  EntryTimeouts counted(timeouts);
  for (const ConntrackEntry& entry : entries) counted.add(entry);
  EXPECT_EQ(counted.counts().entries[static_cast<std::size_t>(timeout)], entries.size());
  return counted.counts().silent[static_cast<std::size_t>(timeout)];
}

TEST(EntryTimeouts, follow_state_protocol_and_assured) {
  EXPECT_EQ(timeout_of(tcp(EntryState::close_wait, 3)), Timeout::tcp_close_wait);
  EXPECT_EQ(timeout_of(tcp(EntryState::none, 3)), std::nullopt);
  EXPECT_EQ(timeout_of(other(17, false, 3)), Timeout::udp);
  EXPECT_EQ(timeout_of(other(17, true, 3)), Timeout::udp_stream);
  EXPECT_EQ(timeout_of(other(47, true, 3)), Timeout::gre_stream);
  EXPECT_EQ(timeout_of(other(58, false, 3)), Timeout::icmpv6);
  EXPECT_EQ(timeout_of(other(132, true, 3)), std::nullopt);  // SCTP has one for each state
  EXPECT_EQ(timeout_of(other(50, false, 3)), Timeout::generic);
}

// 432,000 now, 7,440 as the example: silent for longer is what has less than 424,560 left.
TEST(EntryTimeouts, count_what_has_been_silent_for_longer_than_the_lower_value) {
  const auto established = [](std::uint32_t left) { return tcp(EntryState::established, left); };
  EXPECT_EQ(silent({established(424560)}, Timeout::tcp_established), 0U);
  EXPECT_EQ(silent({established(424559)}, Timeout::tcp_established), 1U);
  // Five minutes: it may be data that nobody has acknowledged.
  EXPECT_EQ(silent({established(300), established(301)}, Timeout::tcp_established), 1U);
  EXPECT_EQ(silent({tcp(EntryState::established, std::nullopt)}, Timeout::tcp_established), 0U);
  EXPECT_EQ(silent({tcp(EntryState::time_wait, 89), tcp(EntryState::time_wait, 90)},
                   Timeout::tcp_time_wait),
            1U);
}

TEST(EntryTimeouts, save_nothing_where_the_timeout_is_as_short) {
  Timeouts timeouts = default_timeouts(kernel);
  timeouts[static_cast<std::size_t>(Timeout::udp)].value = 10;
  EXPECT_EQ(silent({other(17, false, 0)}, Timeout::udp, timeouts), 0U);
}

}  // namespace
}  // namespace untrack
