// What is printed of a packet reads back as the same packet.
#include "analysis/packet/packet_text.hpp"

#include <gtest/gtest.h>

#include <random>

#include "analysis/packet/packet_words.hpp"
#include "analysis/walk/evaluate.hpp"
#include "tests/property/seed.hpp"

namespace untrack {
namespace {

Packet random_packet(std::mt19937& dice) {
  const auto below = [&](std::uint64_t limit) { return dice() % limit; };
  Packet packet;
  packet.version = below(2) == 0 ? IpVersion::ipv4 : IpVersion::ipv6;
  packet.path = all_paths[below(3)];
  const std::string names[] = {"eth0", "lo", "-", "a>b", "x\x1b[0m", "ppp0", "\\x41"};
  if (packet.path != Path::out) packet.in_interface = names[below(7)];
  if (packet.path != Path::in) packet.out_interface = names[below(7)];
  packet.state = static_cast<CtState>(below(4));
  for (const Field field : {Field::source_address, Field::destination_address}) {
    packet[field] = dice();
    if (packet.version == IpVersion::ipv6) packet[field] |= Number{dice()} << 64U;
  }
  const Number protocols[] = {6, 17, 1, 58, 47, 0, 132, 50, 51, 135, 33};
  packet[Field::protocol] = below(3) == 0 ? Number{below(256)} : protocols[below(11)];
  packet[Field::later_fragment] = below(6) == 0 ? 1 : 0;
  for (const auto& [field, limit] : {std::pair(Field::source_port, 65536),
                                     {Field::destination_port, 65536},
                                     {Field::tcp_flags, 256},
                                     {Field::icmp_type_code, 65536}}) {
    if (has_field(packet, field)) packet[field] = below(static_cast<std::uint64_t>(limit));
  }
  for (const PacketWord& word : packet_words()) {
    const bool is_usual = below(3) != 0 || !has_field(packet, word.field);
    packet[word.field] = is_usual ? usual_value(packet, word.field)
                                  : Number{below(static_cast<std::uint64_t>(word.max) + 1)};
  }
  return packet;
}

TEST(PacketTextProperty, ReadsBackWhatItPrints) {
  std::mt19937 dice = seeded_dice();
  for (int i = 0; i < 20'000; ++i) {
    const Packet packet = random_packet(dice);
    const std::string text = to_text(packet);
    for (const char c : text) ASSERT_TRUE(c >= 0x20 && c < 0x7f) << text;
    const ParsedPacket parsed = parse_packet(text);
    ASSERT_TRUE(parsed.packet) << text << "\n" << parsed.error.message;
    ASSERT_EQ(*parsed.packet, packet) << text << "\n" << to_text(*parsed.packet);
    ASSERT_TRUE(parsed.assumed.empty()) << text << "\n" << parsed.assumed.front();
  }
}

TEST(PacketTextProperty, NeverCrashesOnAnyText) {
  std::mt19937 dice = seeded_dice();
  const std::string_view words[] = {
      "in", "tcp", ">",    "192.0.2.1:", "[::1]:80",    "syn",   "iif",
      "lo", "IP",  "SRC=", "PROTO=TCP",  "DST=1.2.3.4", "Flags", "[S]",
      "[",  "\"",  "type", "mark",       "0x",          ":"};
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto n = dice() % 9; n > 0; --n) {
      text += words[dice() % std::size(words)];
      if (dice() % 4 != 0) text += ' ';
      if (dice() % 20 == 0) text += static_cast<char>(dice() % 256);
    }
    const ParsedPacket parsed = parse_packet(text);
    if (!parsed.packet) {
      ASSERT_LE(parsed.error.begin, parsed.error.end) << text;
      ASSERT_LE(parsed.error.end, text.size()) << text;
      ASSERT_FALSE(parsed.error.message.empty()) << text;
    }
  }
}

}  // namespace
}  // namespace untrack
