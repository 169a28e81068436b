#include "analysis/packet/packet_words.hpp"

#include <fmt/format.h>

#include <charconv>

#include "analysis/packet/group_address.hpp"

namespace untrack {
namespace {

constexpr PacketWord words[] = {
    {"tcp-option", Field::tcp_option, ValueForm::decimal, 255},
    {"sctp-chunks", Field::sctp_chunks, ValueForm::hexadecimal, 0xffffffff},
    {"dccp-type", Field::dccp_type, ValueForm::decimal, 15},
    {"ah-spi", Field::ah_spi, ValueForm::hexadecimal, 0xffffffff},
    {"esp-spi", Field::esp_spi, ValueForm::hexadecimal, 0xffffffff},
    {"mh-type", Field::mh_type, ValueForm::decimal, 255},
    {"mark", Field::mark, ValueForm::hexadecimal, 0xffffffff},
    {"mac", Field::source_mac, ValueForm::mac, 0xffffffffffff},
    {"ttl", Field::ttl, ValueForm::decimal, 255},
    {"length", Field::length, ValueForm::decimal, 65535},
    {"dscp", Field::dscp, ValueForm::decimal, 63},
    {"ecn", Field::ecn, ValueForm::decimal, 3},
    {"pkttype", Field::packet_type, ValueForm::packet_type, 7},
    {"src-type", Field::source_type, ValueForm::address_type, 255},
    {"dst-type", Field::destination_type, ValueForm::address_type, 255},
};

// RTN_*, linux/rtnetlink.h, and PACKET_*, linux/if_packet.h, as iptables spells them.
constexpr std::string_view address_types[] = {"unspec",   "unicast",   "local",     "broadcast",
                                              "anycast",  "multicast", "blackhole", "unreachable",
                                              "prohibit", "throw",     "nat",       "xresolve"};
constexpr std::string_view packet_types[] = {"unicast", "broadcast", "multicast", "otherhost"};

bool is_broadcast(Number address, IpVersion version) {
  return version == IpVersion::ipv4 && address == 0xffffffff;
}

Number usual_destination_type(const Packet& packet) {
  const Number destination = packet[Field::destination_address];
  if (is_multicast(destination, packet.version)) return address_type::multicast;
  if (is_broadcast(destination, packet.version)) return address_type::broadcast;
  if (packet.path == Path::in || packet.out_interface == "lo") return address_type::local;
  return address_type::unicast;
}

Number usual_source_type(const Packet& packet) {
  return packet.path == Path::out || packet.in_interface == "lo" ? address_type::local
                                                                 : address_type::unicast;
}

Number usual_packet_type(const Packet& packet) {
  if (packet.path == Path::out) return 0;
  if (is_multicast(packet[Field::destination_address], packet.version)) return 2;
  return is_broadcast(packet[Field::destination_address], packet.version) ? 1 : 0;
}

}  // namespace

std::span<const PacketWord> packet_words() { return words; }

std::span<const std::string_view> value_names(ValueForm form) {
  switch (form) {
    case ValueForm::packet_type:
      return packet_types;
    case ValueForm::address_type:
      return address_types;
    case ValueForm::decimal:
    case ValueForm::hexadecimal:
    case ValueForm::mac:
      return {};
  }
  return {};
}

Number usual_value(const Packet& packet, Field field) {
  if (field == Field::ttl) return 64;
  if (field == Field::length) return 60;
  if (field == Field::destination_type) return usual_destination_type(packet);
  if (field == Field::source_type) return usual_source_type(packet);
  if (field == Field::packet_type) return usual_packet_type(packet);
  return 0;
}

Number usual_flags(CtState state) { return state == CtState::new_ ? tcp_flag::syn : tcp_flag::ack; }

Number usual_address(Field field, IpVersion version) {
  const bool is_source = field == Field::source_address;
  if (version == IpVersion::ipv4) return is_source ? 0xc0000201 : 0xc6336402;
  return Number{0x20010db8} << 96 | (is_source ? 1 : 2);
}

std::string interface_text(std::string_view name) {
  if (name.empty()) return "-";
  if (name == "-") return "\\x2d";
  std::string text;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = byte > 0x20 && byte < 0x7f && c != '\\' && c != '>' && c != '"';
    if (is_plain) {
      text += c;
    } else {
      text += fmt::format("\\x{:02x}", byte);
    }
  }
  return text;
}

std::optional<std::string> interface_of_text(std::string_view text) {
  if (text == "-") return std::string();
  std::string name;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      name += text[i];
      continue;
    }
    unsigned byte = 0;
    if (text.size() - i < 4 || text[i + 1] != 'x') return std::nullopt;
    const char* const end = text.data() + i + 4;
    if (std::from_chars(text.data() + i + 2, end, byte, 16).ptr != end) return std::nullopt;
    name += static_cast<char>(byte);
    i += 3;
  }
  return name;
}

}  // namespace untrack
