#include "analysis/packet/packet_reader.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "analysis/packet/packet_words.hpp"
#include "model/catalog/protocols.hpp"

namespace untrack {

std::vector<PacketToken> packet_tokens(std::string_view text) {
  std::vector<PacketToken> tokens;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    if (is_blank(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at + 1;
    if (text[at] != '>') {
      while (end < text.size() && !is_blank(text[end]) && text[end] != '>') ++end;
    }
    tokens.push_back({text.substr(at, end - at), at});
    at = end;
  }
  return tokens;
}

std::optional<Number> read_number(std::string_view text, Number max) {
  const bool is_hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  if (is_hexadecimal) text.remove_prefix(2);
  std::uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), value, is_hexadecimal ? 16 : 10);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || value > max) {
    return std::nullopt;
  }
  return value;
}

std::optional<Number> read_protocol(std::string_view text) {
  std::string lower;
  for (const char c : text) {
    lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (lower == "icmpv6" || lower == "icmp6") return ip_protocol::icmpv6;
  if (const auto known = catalog::protocol_of_name(lower)) return *known;
  return read_number(lower, 255);
}

std::optional<Number> read_address(std::string_view text, PacketDraft& draft) {
  const bool is_ipv6 = text.find(':') != std::string_view::npos;
  const IpVersion version = is_ipv6 ? IpVersion::ipv6 : IpVersion::ipv4;
  std::array<unsigned char, 16> bytes{};
  const std::string word(text);
  if (inet_pton(is_ipv6 ? AF_INET6 : AF_INET, word.c_str(), bytes.data()) != 1) return std::nullopt;
  if (draft.version && *draft.version != version) return std::nullopt;
  draft.version = version;
  Number address = 0;
  for (std::size_t i = 0; i < (is_ipv6 ? 16U : 4U); ++i) address = address << 8U | bytes.at(i);
  return address;
}

namespace {

Path way_of(const PacketDraft& draft, std::vector<std::string>& assumed) {
  if (draft.path) return *draft.path;
  const bool comes_in = draft.in_interface && !draft.in_interface->empty();
  const bool goes_out = draft.out_interface && !draft.out_interface->empty();
  const Path path = goes_out ? (comes_in ? Path::forward : Path::out) : Path::in;
  if (!comes_in && !goes_out) assumed.emplace_back("no way: in");
  return path;
}

// Whether conntrack may call it NEW, where no entry is about it: with tcp_loose, the default, an
// ACK may begin a flow (tcp_new, nf_conntrack_proto_tcp.c, and icmp_new of both families, 6.1;
// measured on 6.18). What is never tracked passes for it: no state is looked for.
bool may_be_new(const Packet& packet) {
  if (packet[Field::later_fragment] != 0) return true;
  if (packet[Field::protocol] == ip_protocol::tcp) {
    constexpr std::uint8_t looked_at =
        tcp_flag::fin | tcp_flag::syn | tcp_flag::rst | tcp_flag::ack;
    const Number flags = packet[Field::tcp_flags] & looked_at;
    return flags == tcp_flag::syn || flags == tcp_flag::ack;
  }
  if (packet[Field::protocol] != icmp_of(packet.version)) return true;
  const Number type = packet[Field::icmp_type_code] >> 8;
  const auto asks = [&](const IcmpQuery& query) { return query.request == type; };
  constexpr Number node_information = 139;
  const bool is_of_v6 = packet.version == IpVersion::ipv6;
  const auto has = [&](const Interval& types) {
    return types.first <= packet[Field::icmp_type_code] &&
           packet[Field::icmp_type_code] <= types.last;
  };
  return std::ranges::any_of(icmp_queries(packet.version), asks) ||
         (is_of_v6 && (type == node_information || std::ranges::any_of(never_tracked_icmpv6, has)));
}

}  // namespace

Packet finished(const PacketDraft& draft, std::vector<std::string>& assumed) {
  Packet packet;
  packet.version = draft.version.value_or(IpVersion::ipv4);
  packet.path = way_of(draft, assumed);
  packet.state = draft.state.value_or(CtState::new_);
  const auto place = static_cast<std::ptrdiff_t>(assumed.size());
  if (packet.path != Path::out) {
    packet.in_interface = draft.in_interface.value_or("eth0");
    if (!draft.in_interface) assumed.push_back("no iif: " + packet.in_interface);
  }
  if (packet.path != Path::in) {
    packet.out_interface =
        draft.out_interface.value_or(packet.path == Path::forward ? "eth1" : "eth0");
    if (!draft.out_interface) assumed.push_back("no oif: " + packet.out_interface);
  }
  const auto address = [&](Field field, const std::optional<Number>& given, std::string_view word) {
    packet[field] = given.value_or(usual_address(field, packet.version));
    if (!given) assumed.push_back(fmt::format("no {} address: one of documentation", word));
  };
  address(Field::source_address, draft.source, "source");
  address(Field::destination_address, draft.destination, "destination");
  packet[Field::protocol] = draft.protocol.value_or(Number{ip_protocol::tcp});
  packet[Field::later_fragment] = draft.is_fragment ? 1 : 0;
  const bool is_whole = !draft.is_fragment;
  if (is_whole && has_ports(packet[Field::protocol])) {
    packet[Field::source_port] = draft.source_port.value_or(usual_source_port);
    packet[Field::destination_port] = draft.destination_port.value_or(0);
    if (!draft.source_port) {
      assumed.push_back(fmt::format("no source port: {}", static_cast<int>(usual_source_port)));
    }
  }
  if (is_whole && packet[Field::protocol] == ip_protocol::tcp) {
    packet[Field::tcp_flags] = draft.flags.value_or(usual_flags(packet.state));
    if (!draft.flags) {
      assumed.emplace_back(packet.state == CtState::new_ ? "no TCP flags: syn"
                                                         : "no TCP flags: ack");
    }
  }
  if (is_whole && packet[Field::protocol] == icmp_of(packet.version)) {
    const Number request = icmp_queries(packet.version).front().request;
    packet[Field::icmp_type_code] =
        draft.icmp_type.value_or(request) * 256 + draft.icmp_code.value_or(0);
    if (!draft.icmp_type) assumed.emplace_back("no ICMP type: echo-request");
  }
  for (const PacketWord& word : packet_words()) {
    packet[word.field] = usual_value(packet, word.field);
  }
  for (const auto& [field, value] : draft.others) packet[field] = value;
  if (!draft.state) {
    const bool is_new = may_be_new(packet);
    if (!is_new) packet.state = CtState::invalid;
    assumed.emplace(assumed.begin() + place, is_new ? "no state: new" : "no state: invalid");
  }
  return packet;
}

}  // namespace untrack
