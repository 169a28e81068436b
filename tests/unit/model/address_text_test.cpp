#include "model/address_text.hpp"

#include <gtest/gtest.h>

namespace untrack {
namespace {

TEST(AddressText, WritesIpv4InFourParts) {
  EXPECT_EQ(address_text(0xc0000201U, IpVersion::ipv4), "192.0.2.1");
  EXPECT_EQ(address_text(0, IpVersion::ipv4), "0.0.0.0");
}

TEST(AddressText, ShortensIpv6) {
  EXPECT_EQ(address_text(Number{0x20010db8U} << 96U | 1U, IpVersion::ipv6), "2001:db8::1");
  EXPECT_EQ(address_text(~Number{0}, IpVersion::ipv6), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

}  // namespace
}  // namespace untrack
