#include "analysis/walk/led_on.hpp"

#include <gtest/gtest.h>

namespace untrack {
namespace {

constexpr Number here = 0xc6336402;        // 198.51.100.2
constexpr Number other_host = 0x0a000002;  // 10.0.0.2

Packet asked(Path path) {
  Packet packet;
  packet.path = path;
  packet[Field::destination_address] = here;
  return packet;
}

Trace led_to(Number address, bool is_here = false) {
  Trace trace;
  trace.led = {RuleId(0), address, 80, is_here};
  return trace;
}

LocalAddresses own(Number address) {
  LocalAddresses locals;
  locals.add(IpVersion::ipv4, address, 32);
  return locals;
}

TEST(LedOn, NothingLeadsIt) { EXPECT_FALSE(led_on(asked(Path::in), Trace(), {})); }

TEST(LedOn, AnotherAddressIsAssumedToBeAnotherHosts) {
  const auto way = led_on(asked(Path::in), led_to(other_host), {});
  ASSERT_TRUE(way);
  EXPECT_EQ(way->path, Path::forward);
  EXPECT_TRUE(way->is_assumed);
}

TEST(LedOn, KnownAddressesDecide) {
  const auto way = led_on(asked(Path::in), led_to(other_host), own(here));
  ASSERT_TRUE(way);
  EXPECT_EQ(way->path, Path::forward);
  EXPECT_FALSE(way->is_assumed);
  EXPECT_FALSE(led_on(asked(Path::in), led_to(other_host), own(other_host)));
}

TEST(LedOn, AnotherPortAloneLeadsNowhere) {
  EXPECT_FALSE(led_on(asked(Path::in), led_to(here), {}));
  EXPECT_FALSE(led_on(asked(Path::in), led_to(here), own(other_host)));
}

TEST(LedOn, RedirectAndLoopbackLeadHere) {
  EXPECT_FALSE(led_on(asked(Path::in), led_to(other_host, true), {}));
  EXPECT_FALSE(led_on(asked(Path::in), led_to(0x7f000001), {}));
  const auto way = led_on(asked(Path::forward), led_to(other_host, true), {});
  ASSERT_TRUE(way);
  EXPECT_EQ(way->path, Path::in);
  EXPECT_FALSE(way->is_assumed);
}

TEST(LedOn, WhatGoesOutStaysOnItsWay) {
  EXPECT_FALSE(led_on(asked(Path::out), led_to(other_host), own(other_host)));
}

TEST(LedOn, OnItsWayItHasTheInterfacesOfThat) {
  Packet packet = asked(Path::in);
  packet.in_interface = "wan";
  const Packet forwarded = sent_on(packet, Path::forward, "lan");
  EXPECT_EQ(forwarded.path, Path::forward);
  EXPECT_EQ(forwarded.in_interface, "wan");
  EXPECT_EQ(forwarded.out_interface, "lan");
  EXPECT_EQ(sent_on(forwarded, Path::in, "lan").out_interface, "");
}

}  // namespace
}  // namespace untrack
