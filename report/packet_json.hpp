// A packet as the JSON reports promise it: what its protocol does not have is left out. Included by
// report/*_json.cpp only.
#pragma once

#include <algorithm>
#include <string>

#include "analysis/packet/boxes.hpp"
#include "analysis/packet/packet.hpp"
#include "analysis/packet/packet_words.hpp"
#include "model/address_text.hpp"
#include "model/catalog/protocols.hpp"
#include "report/json_parts.hpp"

namespace untrack::json {

[[nodiscard]] inline Json packet_of(const Packet& packet, CtState state) {
  const auto number = [&](Field field) { return static_cast<std::uint32_t>(packet[field]); };
  const auto protocol = static_cast<std::uint8_t>(number(Field::protocol));
  Json json = {{"path", to_text(packet.path)}, {"family", to_text(packet.version)}};
  if (!packet.in_interface.empty()) json["in_interface"] = packet.in_interface;
  if (!packet.out_interface.empty()) json["out_interface"] = packet.out_interface;
  json["source"] = address_text(packet[Field::source_address], packet.version);
  json["destination"] = address_text(packet[Field::destination_address], packet.version);
  const std::string_view name = catalog::protocol_name(protocol);
  // 0 is every protocol to iptables, and one protocol to a packet.
  json["protocol"] = name.empty() || protocol == 0 ? std::to_string(protocol) : std::string(name);
  const bool is_first = packet[Field::later_fragment] == 0;
  if (!is_first) json["later_fragment"] = true;
  if (is_first && has_ports(protocol)) {
    json["source_port"] = number(Field::source_port);
    json["destination_port"] = number(Field::destination_port);
  }
  if (is_first && protocol == ip_protocol::tcp) {
    json["tcp_flags"] = flags_text(static_cast<std::uint8_t>(number(Field::tcp_flags)));
  }
  if (is_first && protocol == icmp_of(packet.version)) {
    json["icmp_type"] = number(Field::icmp_type_code) / 256;
    json["icmp_code"] = number(Field::icmp_type_code) % 256;
  }
  // The rest where it is not what such a packet usually has.
  for (const PacketWord& word : packet_words()) {
    if (packet[word.field] == usual_value(packet, word.field)) continue;
    std::string key(word.word);
    std::ranges::replace(key, '-', '_');
    json[key] = static_cast<std::uint64_t>(packet[word.field]);
  }
  std::string word(to_text(state));
  for (char& c : word) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  json["state"] = word;
  return json;
}

}  // namespace untrack::json
