// Packets, read from lines that other programs wrote, so that nobody has to type them anew.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "analysis/packet/packet_reader.hpp"
#include "analysis/packet/packet_words.hpp"

namespace untrack {
namespace {

// "KEY=value" of the kernel's LOG target (nf_log_syslog.c, 6.1).
std::optional<std::string_view> log_value(std::string_view text, std::string_view key) {
  std::size_t at = 0;
  while ((at = text.find(key, at)) != std::string_view::npos) {
    const bool is_word = at == 0 || text[at - 1] == ' ';
    if (is_word && at + key.size() < text.size() && text[at + key.size()] == '=') {
      const std::size_t begin = at + key.size() + 1;
      return text.substr(begin, std::min(text.find(' ', begin), text.size()) - begin);
    }
    at += key.size();
  }
  return std::nullopt;
}

bool has_log_word(std::string_view text, std::string_view word) {
  const std::vector<PacketToken> tokens = packet_tokens(text);
  return std::ranges::find(tokens, word, &PacketToken::text) != tokens.end();
}

ParsedPacket done(const PacketDraft& draft, std::string_view from) {
  ParsedPacket parsed;
  parsed.assumed.push_back(fmt::format("read from {}", from));
  parsed.packet = finished(draft, parsed.assumed);
  return parsed;
}

ParsedPacket wrong(std::string_view text, std::string_view part, std::string message) {
  ParsedPacket parsed;
  const auto begin = static_cast<std::size_t>(part.data() - text.data());
  parsed.error = {begin, begin + part.size(), std::move(message), {}};
  return parsed;
}

constexpr const char* not_an_interface =
    "not the name of an interface, which has at most 15 characters";

std::optional<ParsedPacket> parse_log(std::string_view text) {
  const auto source = log_value(text, "SRC");
  const auto destination = log_value(text, "DST");
  const auto protocol = log_value(text, "PROTO");
  if (!source || !destination || !protocol) return std::nullopt;
  PacketDraft draft;
  draft.source = read_address(*source, draft);
  if (!draft.source) return wrong(text, *source, "not an address");
  draft.destination = read_address(*destination, draft);
  if (!draft.destination) return wrong(text, *destination, "not an address");
  draft.protocol = read_protocol(*protocol);
  if (!draft.protocol) return wrong(text, *protocol, "not a protocol");
  for (const auto& [key, name] :
       {std::pair("IN", &draft.in_interface), std::pair("OUT", &draft.out_interface)}) {
    const std::string_view value = log_value(text, key).value_or("");
    if (value.size() > longest_interface_name) return wrong(text, value, not_an_interface);
    *name = std::string(value);
  }
  const auto number = [&](std::string_view key, Number max) {
    const auto value = log_value(text, key);
    return value ? read_number(*value, max) : std::nullopt;
  };
  draft.source_port = number("SPT", 65535);
  draft.destination_port = number("DPT", 65535);
  draft.icmp_type = number("TYPE", 255);
  draft.icmp_code = number("CODE", 255);
  if (const auto mark = number("MARK", 0xffffffff)) draft.others.emplace_back(Field::mark, *mark);
  draft.is_fragment = text.find(" FRAG:") != std::string_view::npos;
  if (!draft.is_fragment && has_ports(*draft.protocol) && !draft.destination_port) {
    return wrong(text, *protocol, "no DPT, which this protocol has");
  }
  const auto ttl = number(draft.version == IpVersion::ipv6 ? "HOPLIMIT" : "TTL", 255);
  if (ttl) draft.others.emplace_back(Field::ttl, *ttl);
  if (const auto length = number("LEN", 65535)) draft.others.emplace_back(Field::length, *length);
  if (draft.protocol == Number{ip_protocol::tcp}) {
    Number flags = 0;
    for (std::size_t i = 0; i < tcp_flag_names.size(); ++i) {
      std::string name(tcp_flag_names[i]);
      std::ranges::transform(name, name.begin(), [](char c) { return static_cast<char>(c - 32); });
      if (has_log_word(text, name)) flags |= Number{1} << i;
    }
    draft.flags = flags;
  }
  return done(draft, "a line of the LOG target");
}

// "192.0.2.1.40000" or "2001:db8::1.443" as tcpdump writes address and port.
bool read_tcpdump_end(std::string_view text, PacketDraft& draft, std::optional<Number>& address,
                      std::optional<Number>& port) {
  if (text.ends_with(':')) text.remove_suffix(1);
  address = read_address(text, draft);
  if (address) return true;
  const std::size_t dot = text.rfind('.');
  if (dot == std::string_view::npos) return false;
  address = read_address(text.substr(0, dot), draft);
  port = read_number(text.substr(dot + 1), 65535);
  return address && port;
}

Number tcpdump_flags(std::string_view text) {
  using namespace tcp_flag;
  Number flags = 0;
  for (const char c : text) {
    if (c == 'S') flags |= syn;
    if (c == 'F') flags |= fin;
    if (c == 'R') flags |= rst;
    if (c == 'P') flags |= psh;
    if (c == '.') flags |= ack;
    if (c == 'U') flags |= urg;
    if (c == 'E') flags |= ece;
    if (c == 'W') flags |= cwr;
  }
  return flags;
}

// What tcpdump (4.99, print-icmp.c, print-icmp6.c) calls them; the first that is found counts.
struct IcmpMessage {
  std::string_view text;
  IpVersion version{};
  std::uint8_t type = 0;
  std::uint8_t code = 0;
};
constexpr IcmpMessage icmp_messages[] = {
    {"echo request", IpVersion::ipv4, 8},
    {"echo reply", IpVersion::ipv4, 0},
    {"time exceeded", IpVersion::ipv4, 11},
    {"redirect", IpVersion::ipv4, 5},
    {"need to frag", IpVersion::ipv4, 3, 4},
    {" port ", IpVersion::ipv4, 3, 3},
    {" protocol ", IpVersion::ipv4, 3, 2},
    {"host ", IpVersion::ipv4, 3, 1},
    {"net ", IpVersion::ipv4, 3, 0},
    {"echo request", IpVersion::ipv6, 128},
    {"echo reply", IpVersion::ipv6, 129},
    {"unreachable port", IpVersion::ipv6, 1, 4},
    {"packet too big", IpVersion::ipv6, 2},
    {"time exceeded", IpVersion::ipv6, 3},
    {"router solicitation", IpVersion::ipv6, 133},
    {"router advertisement", IpVersion::ipv6, 134},
    {"neighbor solicitation", IpVersion::ipv6, 135},
    {"neighbor advertisement", IpVersion::ipv6, 136},
};

std::optional<ParsedPacket> parse_tcpdump(std::string_view text) {
  const std::vector<PacketToken> tokens = packet_tokens(text);
  const auto arrow = std::ranges::find(tokens, ">", &PacketToken::text);
  if (tokens.end() - arrow < 2 || arrow - tokens.begin() < 2) return std::nullopt;
  const std::string_view kind = (arrow - 2)->text;
  if (kind != "IP" && kind != "IP6") return std::nullopt;
  PacketDraft draft;
  draft.version = kind == "IP" ? IpVersion::ipv4 : IpVersion::ipv6;
  if (!read_tcpdump_end((arrow - 1)->text, draft, draft.source, draft.source_port)) {
    return wrong(text, (arrow - 1)->text, "not an address and port");
  }
  if (!read_tcpdump_end((arrow + 1)->text, draft, draft.destination, draft.destination_port)) {
    return wrong(text, (arrow + 1)->text, "not an address and port");
  }
  // `-i any` names interface and direction.
  if (arrow - tokens.begin() >= 4 && ((arrow - 3)->text == "In" || (arrow - 3)->text == "Out")) {
    const bool is_in = (arrow - 3)->text == "In";
    draft.path = is_in ? Path::in : Path::out;
    const std::string_view name = (arrow - 4)->text;
    if (name.size() > longest_interface_name) return wrong(text, name, not_an_interface);
    (is_in ? draft.in_interface : draft.out_interface) = std::string(name);
  }
  for (auto token = arrow + 2; token != tokens.end(); ++token) {
    if (token->text == "Flags" && token + 1 != tokens.end()) {
      draft.protocol = ip_protocol::tcp;
      draft.flags = tcpdump_flags((token + 1)->text);
      break;
    }
    if (token->text == "ICMP" || token->text == "ICMP6,") {
      const std::string_view message = text.substr(token->begin);
      const auto row = std::ranges::find_if(icmp_messages, [&](const IcmpMessage& known) {
        return known.version == *draft.version && message.find(known.text) != message.npos;
      });
      if (row == std::end(icmp_messages))
        return wrong(text, message, "not an ICMP message known here");
      draft.protocol = icmp_of(*draft.version);
      draft.icmp_type = row->type;
      draft.icmp_code = row->code;
      break;
    }
    if (token->text == "sctp") draft.protocol = ip_protocol::sctp;
  }
  if (!draft.protocol) {
    // Whatever else has ports is printed as what UDP carries.
    if (!draft.destination_port) {
      return wrong(text, text.substr((arrow + 1)->end()), "no protocol that is known here");
    }
    draft.protocol = ip_protocol::udp;
  }
  return done(draft, "a line of tcpdump");
}

// The common log format of web servers: client, identity, user, time in brackets, request in
// quotes.
std::optional<ParsedPacket> parse_access_log(std::string_view text) {
  const std::size_t bracket = text.find(" [");
  if (bracket == std::string_view::npos || text.find("] \"", bracket) == std::string_view::npos) {
    return std::nullopt;
  }
  PacketDraft draft;
  const std::string_view client = text.substr(0, text.find(' '));
  draft.source = read_address(client, draft);
  if (!draft.source) return std::nullopt;
  draft.path = Path::in;
  draft.protocol = ip_protocol::tcp;
  draft.destination_port = 443;
  ParsedPacket parsed = done(draft, "an access log");
  parsed.assumed.emplace_back("no port: 443");
  return parsed;
}

}  // namespace

std::optional<ParsedPacket> parse_foreign_line(std::string_view text) {
  if (auto log = parse_log(text)) return log;
  if (auto dump = parse_tcpdump(text)) return dump;
  return parse_access_log(text);
}

}  // namespace untrack
