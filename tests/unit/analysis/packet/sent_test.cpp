#include "analysis/packet/sent.hpp"

#include <gtest/gtest.h>

#include "analysis/packet/packet_text.hpp"

namespace untrack {
namespace {

std::string_view why(std::string_view text) {
  const ParsedPacket parsed = parse_packet(text);
  EXPECT_TRUE(parsed.packet.has_value()) << text << ": " << parsed.error.message;
  return parsed.packet ? why_not_sent(*parsed.packet) : "not a packet";
}

TEST(WhyNotSent, IsEmptyOfWhatHostsSend) {
  EXPECT_EQ(why("in tcp 203.0.113.5:40000 > 192.0.2.10:443 syn iif eth0 state new"), "");
  EXPECT_EQ(why("in tcp 127.0.0.1:40000 > 127.0.0.1:443 syn iif lo state new"), "");
  EXPECT_EQ(why("in udp 203.0.113.5:40000 > 224.0.0.251:5353 iif eth0 state new"), "");
  EXPECT_EQ(why("in udp 0.0.0.0:68 > 255.255.255.255:67 iif eth0 state new"), "");
  EXPECT_EQ(why("in tcp [2001:db8::5]:40000 > [2001:db8::10]:443 syn iif eth0 state new"), "");
}

TEST(WhyNotSent, NamesTheAddress) {
  for (const std::string_view source : {"224.0.0.1", "0.0.0.5", "127.0.0.1", "255.255.255.255"}) {
    EXPECT_EQ(why("in udp " + std::string(source) + ":40000 > 192.0.2.10:53 iif eth0 state new"),
              "no host sends from this source address")
        << source;
  }
  EXPECT_EQ(why("in udp 203.0.113.5:40000 > 127.0.0.1:53 iif eth0 state new"),
            "no host sends to this destination address");
  EXPECT_EQ(why("in udp 203.0.113.5:40000 > 203.0.113.5:53 iif eth0 state new"),
            "no host sends from the address that it sends to");
  EXPECT_EQ(why("in udp [ff02::1]:40000 > [2001:db8::10]:53 iif eth0 state new"),
            "no host sends from this source address");
}

}  // namespace
}  // namespace untrack
