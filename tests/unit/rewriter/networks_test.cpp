#include "rewriter/spell/networks.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace untrack {
namespace {

using Words = std::vector<std::string>;

TEST(Networks, AreTheFewestThatMakeUpARange) {
  const auto ipv4 = [](Number first, Number last) {
    return networks({first, last}, IpVersion::ipv4);
  };
  EXPECT_EQ(ipv4(0xc0000200, 0xc00002ff), Words{"192.0.2.0/24"});
  EXPECT_EQ(ipv4(0xc0000201, 0xc0000201), Words{"192.0.2.1/32"});
  EXPECT_EQ(ipv4(0xc0000201, 0xc0000206),
            (Words{"192.0.2.1/32", "192.0.2.2/31", "192.0.2.4/31", "192.0.2.6/32"}));
  EXPECT_EQ(ipv4(0, 0xffffffff), Words{"0.0.0.0/0"});
  EXPECT_EQ(ipv4(0x80000000, 0xffffffff), Words{"128.0.0.0/1"});
}

// Where the last bit of an address would be shifted out of a number.
TEST(Networks, GoUpToTheLastBitOfIpv6) {
  constexpr Number last = ~Number{0};
  constexpr Number half = Number{1} << 127U;
  EXPECT_EQ(networks({0, last}, IpVersion::ipv6), Words{"::/0"});
  EXPECT_EQ(networks({half, last}, IpVersion::ipv6), Words{"8000::/1"});
  EXPECT_EQ(networks({0, half - 1}, IpVersion::ipv6), Words{"::/1"});
  EXPECT_EQ(networks({half - 1, half}, IpVersion::ipv6),
            (Words{"7fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128", "8000::/128"}));
  EXPECT_EQ(networks({last, last}, IpVersion::ipv6),
            Words{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"});
}

}  // namespace
}  // namespace untrack
