#include "analysis/program/reject_answer.hpp"

#include <gtest/gtest.h>

namespace untrack {
namespace {

constexpr auto v4 = IpVersion::ipv4;
constexpr auto v6 = IpVersion::ipv6;

TEST(RejectAnswer, IsTheSameOfBothLanguages) {
  EXPECT_EQ(reject_answer("icmp-proto-unreachable", v4), "icmp prot-unreachable");
  EXPECT_EQ(reject_answer("icmp-prot-unreachable", v4), "icmp prot-unreachable");
  EXPECT_EQ(reject_answer("icmp6-addr-unreachable", v6), "icmpv6 addr-unreachable");
  EXPECT_EQ(reject_answer("icmpv6-addr-unreachable", v6), "icmpv6 addr-unreachable");
  EXPECT_EQ(reject_answer("icmp6-adm-prohibited", v6), "icmpv6 admin-prohibited");
}

TEST(RejectAnswer, OfIcmpxDependsOnTheFamily) {
  EXPECT_EQ(reject_answer("icmpx-host-unreachable", v4), "icmp host-unreachable");
  EXPECT_EQ(reject_answer("icmpx-host-unreachable", v6), "icmpv6 addr-unreachable");
  EXPECT_EQ(reject_answer("icmpx-no-route", v4), "icmp net-unreachable");
  EXPECT_EQ(reject_answer("icmpx-admin-prohibited", v4), "icmp admin-prohibited");
}

TEST(RejectAnswer, TakesNumbers) {
  EXPECT_EQ(reject_answer("icmp-13", v4), "icmp admin-prohibited");
  EXPECT_EQ(reject_answer("icmpv6-3", v6), "icmpv6 addr-unreachable");
  EXPECT_EQ(reject_answer("icmpx-2", v4), "icmp host-unreachable");
  EXPECT_EQ(reject_answer("icmpx-0", v6), "icmpv6 no-route");
}

TEST(RejectAnswer, KnowsTheDefault) {
  EXPECT_EQ(reject_answer("", v4), reject_answer("icmp-port-unreachable", v4));
  EXPECT_EQ(reject_answer("", v6), reject_answer("icmpv6-port-unreachable", v6));
  EXPECT_NE(reject_answer("", v4), reject_answer("icmp-host-unreachable", v4));
}

TEST(RejectAnswer, LeavesAResetAndWhatItDoesNotKnow) {
  EXPECT_EQ(reject_answer("tcp-reset", v4), "tcp reset");
  EXPECT_EQ(reject_answer("icmp-77", v4), "icmp-77");
}

}  // namespace
}  // namespace untrack
