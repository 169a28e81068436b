// Packets, in words.
#include "analysis/packet/packet_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/packet/boxes.hpp"
#include "analysis/packet/packet_words.hpp"
#include "analysis/walk/evaluate.hpp"
#include "model/address_text.hpp"
#include "model/catalog/icmp_types.hpp"
#include "model/catalog/protocols.hpp"

namespace untrack {
namespace {

// ICMP of the other family goes by its number: its name is read as that of this family.
std::string protocol_text(const Packet& packet) {
  const auto number = static_cast<std::uint8_t>(packet[Field::protocol]);
  if (number == icmp_of(packet.version)) return number == ip_protocol::icmp ? "icmp" : "icmpv6";
  const std::string_view name = catalog::protocol_name(number);
  const bool is_plain =
      number != 0 && number != ip_protocol::icmp && number != ip_protocol::icmpv6 && !name.empty();
  return is_plain ? std::string(name) : fmt::format("{}", number);
}

std::string endpoint_text(const Packet& packet, Field address, Field port) {
  std::string text = address_text(packet[address], packet.version);
  if (!has_field(packet, port)) return text;
  const auto number = static_cast<unsigned>(packet[port]);
  return packet.version == IpVersion::ipv6 ? fmt::format("[{}]:{}", text, number)
                                           : fmt::format("{}:{}", text, number);
}

std::string icmp_text(const Packet& packet) {
  const Number value = packet[Field::icmp_type_code];
  const auto type = static_cast<std::uint8_t>(value / 256);
  const auto code = static_cast<std::uint8_t>(value % 256);
  const std::string_view name = catalog::icmp_type_name(type, 0, 255, packet.version);
  if (code == 0 && !name.empty()) return std::string(name);
  return fmt::format("type {} code {}", type, code);
}

std::string value_text(ValueForm form, Number value) {
  const std::span<const std::string_view> names = value_names(form);
  if (value < names.size()) return std::string(names[static_cast<std::size_t>(value)]);
  const auto number = static_cast<std::uint64_t>(value);
  switch (form) {
    case ValueForm::hexadecimal:
      return fmt::format("0x{:x}", number);
    case ValueForm::mac:
      return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", number >> 40 & 0xff,
                         number >> 32 & 0xff, number >> 24 & 0xff, number >> 16 & 0xff,
                         number >> 8 & 0xff, number & 0xff);
    case ValueForm::decimal:
    case ValueForm::packet_type:
    case ValueForm::address_type:
      return fmt::format("{}", number);
  }
  return {};
}

std::string state_text(CtState state) {
  std::string word(to_text(state));
  std::ranges::transform(word, word.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return word;
}

}  // namespace

// What decides in most rulesets is always said, usual or not: addresses, ports, flags, interfaces,
// the state.
std::string to_text(const Packet& packet) {
  std::string text =
      fmt::format("{} {} {} > {}", to_text(packet.path), protocol_text(packet),
                  endpoint_text(packet, Field::source_address, Field::source_port),
                  endpoint_text(packet, Field::destination_address, Field::destination_port));
  if (packet[Field::later_fragment] != 0) text += " frag";
  if (has_field(packet, Field::tcp_flags)) {
    text += " " + flags_text(static_cast<std::uint8_t>(packet[Field::tcp_flags]));
  }
  if (has_field(packet, Field::icmp_type_code)) text += " " + icmp_text(packet);
  if (packet.path != Path::out) text += " iif " + interface_text(packet.in_interface);
  if (packet.path != Path::in) text += " oif " + interface_text(packet.out_interface);
  text += " state " + state_text(packet.state);
  for (const PacketWord& word : packet_words()) {
    const Number value = packet[word.field];
    if (!has_field(packet, word.field) || value == usual_value(packet, word.field)) continue;
    text += fmt::format(" {} {}", word.word, value_text(word.form, value));
  }
  return text;
}

}  // namespace untrack
