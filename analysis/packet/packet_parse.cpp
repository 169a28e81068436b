// Packets, read from the words in which they are printed.
#include <fmt/format.h>

#include <algorithm>

#include "analysis/packet/packet_reader.hpp"
#include "analysis/packet/packet_words.hpp"
#include "analysis/walk/evaluate.hpp"
#include "model/catalog/icmp_types.hpp"
#include "model/catalog/protocols.hpp"
#include "model/catalog/services.hpp"
#include "model/spelling.hpp"

namespace untrack {
namespace {

std::string lower(std::string_view text) {
  std::string word(text);
  std::ranges::transform(word, word.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return word;
}

constexpr std::string_view example =
    "Write it as: in tcp 192.0.2.1:40000 > 198.51.100.2:443 syn iif eth0";

class WordReader {
 public:
  explicit WordReader(std::string_view text) : text_(text), tokens_(packet_tokens(text)) {}

  ParsedPacket read() {
    ParsedPacket parsed;
    if (read_way() && read_protocol_word() && read_endpoints()) {
      while (at_ < tokens_.size() && read_word()) {
      }
    }
    if (!failed_) check_ends();
    if (failed_) {
      parsed.error = std::move(error_);
      return parsed;
    }
    parsed.packet = finished(draft_, parsed.assumed);
    return parsed;
  }

 private:
  [[nodiscard]] bool has_more() const { return at_ < tokens_.size(); }
  [[nodiscard]] std::string_view here() const { return tokens_[at_].text; }

  bool fail(std::size_t begin, std::size_t end, std::string message, std::string cure = {}) {
    if (!failed_) error_ = {begin, end, std::move(message), std::move(cure)};
    failed_ = true;
    return false;
  }
  bool fail_here(std::string message, std::string cure = {}) {
    if (!has_more()) return fail(text_.size(), text_.size(), std::move(message), std::move(cure));
    return fail(tokens_[at_].begin, tokens_[at_].end(), std::move(message), std::move(cure));
  }

  bool read_way() {
    if (!has_more()) {
      return fail_here("an empty packet", std::string(example));
    }
    for (const Path path : all_paths) {
      if (here() != to_text(path)) continue;
      draft_.path = path;
      ++at_;
      break;
    }
    return true;
  }

  bool read_protocol_word() {
    if (!has_more()) {
      return fail_here("no protocol; expected tcp, udp, icmp or another one", std::string(example));
    }
    const auto number = read_protocol(here());
    if (!number) {
      Nearest nearest(here());
      for (const std::string_view word : {"in", "forward", "out", "icmpv6"}) nearest.offer(word);
      for (const catalog::ProtocolName& row : catalog::protocols()) nearest.offer(row.name);
      const std::string best(nearest.best());
      return fail_here(
          fmt::format("not a way (in, forward, out) or a protocol: \"{}\"", here()),
          best.empty() ? std::string(example) : fmt::format("Did you mean \"{}\"?", best));
    }
    draft_.protocol = *number;
    // By name it is ICMP of IPv6; as a number it may be a payload of IPv4, too.
    if (*number == ip_protocol::icmpv6 && here() != "58") draft_.version = IpVersion::ipv6;
    is_icmp_by_name_ = lower(here()) == "icmp";
    ++at_;
    return true;
  }

  bool read_endpoints() {
    const bool has_none =
        !has_more() || (here() != ">" && here().find_first_of(".:[*") == here().npos);
    if (has_none) return true;
    if (has_more() && here() != ">") {
      if (!read_endpoint(draft_.source, draft_.source_port)) return false;
    }
    if (!has_more() || here() != ">") {
      return fail_here("expected > between source and destination");
    }
    ++at_;
    if (!has_more()) return fail_here("no destination behind >");
    if (!read_endpoint(draft_.destination, draft_.destination_port)) return false;
    if (is_icmp_by_name_ && draft_.version == IpVersion::ipv6) {
      draft_.protocol = ip_protocol::icmpv6;
    }
    return true;
  }

  // ADDRESS, ADDRESS:PORT, [ADDRESS]:PORT, :PORT, *
  bool read_endpoint(std::optional<Number>& address, std::optional<Number>& port) {
    const PacketToken token = tokens_[at_];
    std::string_view text = token.text;
    std::string_view port_text;
    bool has_port = false;
    if (text.starts_with('[')) {
      const std::size_t close = text.find(']');
      if (close == std::string_view::npos) return fail_here("no ] behind the address");
      const std::string_view behind = text.substr(close + 1);
      if (!behind.empty()) {
        if (!behind.starts_with(':')) return fail_here("expected :PORT behind ]");
        port_text = behind.substr(1);
        has_port = true;
      }
      text = text.substr(1, close - 1);
    } else if (std::ranges::count(text, ':') == 1) {
      const std::size_t colon = text.find(':');
      port_text = text.substr(colon + 1);
      has_port = true;
      text = text.substr(0, colon);
    }
    if (has_port) {
      port = read_number(port_text, 65535);
      if (const auto named = catalog::port_of_service(port_text); !port && named) port = *named;
      if (!port) {
        const auto begin =
            token.begin + static_cast<std::size_t>(port_text.data() - token.text.data());
        return fail(begin, begin + port_text.size(), fmt::format("not a port: \"{}\"", port_text),
                    "A port is 0 to 65535, or the name of a service.");
      }
      if (!has_ports(draft_.protocol.value_or(0))) {
        return fail_here("a port, and the protocol has none");
      }
    }
    if (!text.empty() && text != "*") {
      address = read_address(text, draft_);
      if (!address) {
        PacketDraft other;
        if (read_address(text, other)) {
          return fail_here("an address of the other family than what stands before it");
        }
        return fail_here(fmt::format("not an address: \"{}\"", text),
                         text.find(':') == std::string_view::npos
                             ? "Write it as 192.0.2.1 or 2001:db8::1."
                             : "Write IPv6 with a port as [2001:db8::1]:443.");
      }
    }
    ++at_;
    return true;
  }

  std::optional<PacketToken> value_of(std::string_view word) {
    ++at_;
    if (!has_more()) {
      fail_here(fmt::format("no value behind {}", word));
      return std::nullopt;
    }
    return tokens_[at_];
  }

  bool read_word() {
    const std::string word = lower(here());
    if (std::ranges::find(said_, word) != said_.end()) {
      return fail_here(fmt::format("\"{}\" stands twice", word));
    }
    said_.push_back(word);
    if (word == "frag") {
      draft_.is_fragment = true;
      ++at_;
      return true;
    }
    if (word == "iif" || word == "oif" || word == "state" || word == "type" || word == "code" ||
        word == "flags") {
      const auto value = value_of(word);
      return value && read_value(word, *value);
    }
    for (const PacketWord& row : packet_words()) {
      if (word != row.word) continue;
      const auto value = value_of(word);
      return value && read_value(row, *value);
    }
    const bool has_flags = draft_.flags.has_value();
    if (read_flags(here())) {
      if (has_flags) return fail_here("TCP flags stand twice", "Join them with commas: syn,ack.");
      ++at_;
      return true;
    }
    if (draft_.protocol == icmp_of(version())) {
      const auto found = catalog::find_icmp_type(word, version());
      if (found.found != nullptr) {
        draft_.icmp_type = found.found->first_type;
        draft_.icmp_code = found.found->first_code;
        ++at_;
        return true;
      }
    }
    if (std::ranges::find(tcp_flag_names, word) != tcp_flag_names.end()) {
      return fail_here("TCP flags, and the protocol is not tcp");
    }
    if (word == "-i" || word == "-o") {
      return fail_here(fmt::format("not a word of a packet: \"{}\"", here()),
                       fmt::format("Write {}if and the name of the interface.", word[1]));
    }
    if (std::ranges::any_of(all_paths, [&](Path path) { return word == to_text(path); })) {
      return fail_here(
          fmt::format("the way of a packet stands at its start, \"{}\" does not", word),
          fmt::format("Write {} first; interfaces are iif NAME and oif NAME.", word));
    }
    Nearest nearest(word);
    for (const std::string_view known : {"iif", "oif", "state", "type", "code", "flags", "frag"}) {
      nearest.offer(known);
    }
    for (const std::string_view known : tcp_flag_names) nearest.offer(known);
    for (const PacketWord& row : packet_words()) nearest.offer(row.word);
    const std::string best(nearest.best());
    return fail_here(fmt::format("not a word of a packet: \"{}\"", here()),
                     best.empty() ? "" : fmt::format("Did you mean \"{}\"?", best));
  }

  [[nodiscard]] IpVersion version() const { return draft_.version.value_or(IpVersion::ipv4); }

  bool read_flags(std::string_view text) {
    if (draft_.protocol != Number{ip_protocol::tcp}) return false;
    Number flags = 0;
    std::string word = lower(text);
    if (word == "none") {
      draft_.flags = 0;
      return true;
    }
    std::size_t begin = 0;
    while (begin <= word.size()) {
      const std::size_t comma = std::min(word.find(',', begin), word.size());
      const auto at = std::ranges::find(tcp_flag_names, word.substr(begin, comma - begin));
      if (at == tcp_flag_names.end()) return false;
      flags |= Number{1} << static_cast<unsigned>(at - tcp_flag_names.begin());
      begin = comma + 1;
    }
    draft_.flags = flags;
    return true;
  }

  bool read_value(const std::string& word, const PacketToken& value) {
    bool is_good = true;
    std::string expected;
    if (word == "iif" || word == "oif") {
      const auto name = interface_of_text(value.text);
      is_good = name && name->size() <= longest_interface_name;
      expected = "the name of an interface, at most 15 characters";
      if (is_good) (word == "iif" ? draft_.in_interface : draft_.out_interface) = *name;
    } else if (word == "state") {
      const auto state = ct_state_of(value.text);
      expected = "new, established, related or invalid; NOTRACK rules make it untracked";
      is_good = state && *state <= CtState::related;
      if (is_good) draft_.state = *state;
    } else if (word == "flags") {
      expected = "TCP flags such as syn,ack";
      is_good = read_flags(value.text);
    } else {
      if (draft_.protocol != icmp_of(version())) {
        return fail_here(fmt::format("an ICMP {}, and the protocol is not ICMP", word));
      }
      const auto number = read_number(value.text, 255);
      expected = "a number of 0 to 255";
      is_good = number.has_value();
      if (is_good) (word == "type" ? draft_.icmp_type : draft_.icmp_code) = *number;
    }
    if (!is_good) {
      return fail_here(
          fmt::format("wrong value of {}: \"{}\"; expected {}", word, value.text, expected));
    }
    ++at_;
    return true;
  }

  bool read_value(const PacketWord& row, const PacketToken& value) {
    std::optional<Number> number;
    if (row.form == ValueForm::mac) {
      number = read_mac(value.text);
    } else {
      const auto names = value_names(row.form);
      const auto at = std::ranges::find(names, lower(value.text));
      number = at == names.end() ? read_number(value.text, row.max)
                                 : std::optional<Number>(static_cast<Number>(at - names.begin()));
    }
    if (!number) {
      const auto near = nearest(value.text, value_names(row.form));
      return fail_here(fmt::format("wrong value of {}: \"{}\"", row.word, value.text),
                       near ? fmt::format("Did you mean \"{}\"?", *near) : "");
    }
    Packet bare;
    bare[Field::protocol] = draft_.protocol.value_or(0);
    bare[Field::source_mac] = 1;  // any that is one
    if (!has_field(bare, row.field)) {
      --at_;
      return fail_here(fmt::format("{}, and the protocol has none", row.word));
    }
    draft_.others.emplace_back(row.field, *number);
    ++at_;
    return true;
  }

  static std::optional<Number> read_mac(std::string_view text) {
    Number mac = 0;
    if (text.size() != 17) return std::nullopt;
    for (std::size_t i = 0; i < 6; ++i) {
      if (i > 0 && text[3 * i - 1] != ':') return std::nullopt;
      const auto byte = read_number("0x" + std::string(text.substr(3 * i, 2)), 255);
      if (!byte) return std::nullopt;
      mac = mac << 8U | *byte;
    }
    return mac;
  }

  void check_ends() {
    if (!draft_.is_fragment && has_ports(draft_.protocol.value_or(0)) && !draft_.destination_port) {
      fail(text_.size(), text_.size(), "no destination port",
           "Write it behind the destination: 198.51.100.2:443.");
    }
    if (draft_.is_fragment && has_later_header()) {
      fail(0, text_.size(), "a later fragment has no ports, flags or ICMP type",
           "Leave them out, or leave out frag.");
    }
    const auto wrong = [&](std::string_view word, Path path) {
      fail(0, text_.size(),
           fmt::format("{} in a packet on the way \"{}\", which has none", word, to_text(path)));
    };
    if (draft_.path == Path::in && draft_.out_interface && !draft_.out_interface->empty()) {
      wrong("an oif", Path::in);
    }
    if (draft_.path == Path::out && draft_.in_interface && !draft_.in_interface->empty()) {
      wrong("an iif", Path::out);
    }
  }

  // Whether something was said that only the first fragment has.
  [[nodiscard]] bool has_later_header() const {
    Packet later;
    later[Field::protocol] = draft_.protocol.value_or(0);
    later[Field::later_fragment] = 1;
    later[Field::source_mac] = 1;
    return draft_.source_port || draft_.destination_port || draft_.flags || draft_.icmp_type ||
           draft_.icmp_code || std::ranges::any_of(draft_.others, [&](const auto& other) {
             return !has_field(later, other.first);
           });
  }

  std::string_view text_;
  std::vector<PacketToken> tokens_;
  std::vector<std::string> said_;
  bool is_icmp_by_name_ = false;
  std::size_t at_ = 0;
  PacketDraft draft_;
  PacketError error_;
  bool failed_ = false;
};

}  // namespace

ParsedPacket parse_packet(std::string_view text) {
  if (auto foreign = parse_foreign_line(text)) return std::move(*foreign);
  return WordReader(text).read();
}

}  // namespace untrack
