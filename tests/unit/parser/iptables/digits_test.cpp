// Addresses and ports that are read at once, held against the same read digit by digit.
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "parser/iptables/shape_slots.hpp"

namespace untrack::iptables {
namespace {

struct SlotFound {
  std::size_t size = 0;
  SlotValue value;
};

SlotFound slot_of(SlotKind kind, const std::string& line, bool at_once) {
  const std::string text = line + '\n' + std::string(64, '7');
  SlotFound found;
  const std::string_view rest = std::string_view(text).substr(0, line.size());
  found.size =
      slot_size(kind, rest, at_once ? text.data() + text.size() : text.data(), found.value);
  return found;
}

void expect_same_slot(SlotKind kind, const std::string& line) {
  const SlotFound slow = slot_of(kind, line, false);
  const SlotFound quick = slot_of(kind, line, true);
  ASSERT_EQ(quick.size, slow.size) << line;
  if (slow.size == 0) return;
  EXPECT_EQ(quick.value.first, slow.value.first) << line;
  EXPECT_EQ(quick.value.second, slow.value.second) << line;
}

TEST(SlotsAtOnce, AreAddressesAndPorts) {
  const SlotFound address = slot_of(SlotKind::address4, "203.0.113.77/24 -j DROP", true);
  EXPECT_EQ(address.size, 15U);
  EXPECT_EQ(address.value.first, 0xcb007100U);
  EXPECT_EQ(address.value.second, 0xcb0071ffU);
  const SlotFound ports = slot_of(SlotKind::ports, "1024:65535", true);
  EXPECT_EQ(ports.size, 10U);
  EXPECT_EQ(ports.value.first, 1024U);
  EXPECT_EQ(ports.value.second, 65535U);
}

TEST(SlotsAtOnce, AreTheSameDigitByDigit) {
  for (const std::string_view behind : {"", " ", " -j ACCEPT", "x", "."}) {
    for (const std::string_view text : {"0.0.0.0",
                                        "255.255.255.255",
                                        "255.255.255.255/32",
                                        "255.255.255.256",
                                        "1.2.3",
                                        "1.2.3.4.5",
                                        "01.2.3.4",
                                        "1.2.3.04",
                                        "1..2.3",
                                        "1.2.3.",
                                        ".1.2.3",
                                        "1.2.3.4/",
                                        "1.2.3.4/0",
                                        "1.2.3.4/33",
                                        "1.2.3.4/032",
                                        "1000.2.3.4",
                                        "1.2.3.1234567890",
                                        "",
                                        "/",
                                        "-1.2.3.4",
                                        "1,2.3.4",
                                        "1.2.3.4:80",
                                        "255.255.255.255:65535",
                                        "1.2.3.4:65536",
                                        "1.2.3.4:",
                                        "1.2.3.4:080"}) {
      expect_same_slot(SlotKind::address4, std::string(text) + std::string(behind));
      expect_same_slot(SlotKind::translation4, std::string(text) + std::string(behind));
    }
    for (const std::string_view text :
         {"0",         "00",   "1",    "65535", "65536",      "99999",   "100000",
          "123456789", "1:2",  "2:1",  "1:1",   "0:0",        "1:",      ":1",
          "1:65536",   "01:2", "1:02", "1:2:3", "12345678:9", "0:65535", "65535:65535"}) {
      expect_same_slot(SlotKind::ports, std::string(text) + std::string(behind));
    }
  }
  std::mt19937 dice(1);
  constexpr std::string_view signs = "0123456789012345678901234567890123456789.../: 25\xff";
  for (int i = 0; i < 200'000; ++i) {
    std::string text;
    const bool is_address = i % 2 == 0;
    const auto number = [&](int most) {
      return std::to_string(std::uniform_int_distribution(0, most)(dice));
    };
    if (is_address) {
      text = number(270) + '.' + number(260) + '.' + number(260) + '.' + number(260);
      if (i % 3 == 0) text += '/' + number(34);
    } else {
      text = number(70'000);
      if (i % 3 == 0) text += ':' + number(70'000);
    }
    if (i % 5 == 0) {
      const auto at = std::uniform_int_distribution<std::size_t>(0, text.size() - 1)(dice);
      text[at] = signs[std::uniform_int_distribution<std::size_t>(0, signs.size() - 1)(dice)];
    }
    if (i % 7 != 0) text += " -j ACCEPT";
    expect_same_slot(is_address ? SlotKind::address4 : SlotKind::ports, text);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace untrack::iptables
