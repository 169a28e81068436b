#include "parser/nft/values.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "model/catalog/nft_symbols.hpp"
#include "model/catalog/protocols.hpp"
#include "model/catalog/services.hpp"
#include "model/spelling.hpp"
#include "parser/nft/token_stream.hpp"

namespace untrack::nft {
namespace {

using catalog::NftType;

[[noreturn]] void refuse(const Node& node, std::string message, std::string label = {},
                         std::string cure = {}) {
  throw SyntaxError{node.span, std::move(message), std::move(label), std::move(cure), true};
}

unsigned width_of(NftType type) {
  switch (type) {
    case NftType::ipv4_addr:
    case NftType::mark:
      return 32;
    case NftType::ipv6_addr:
      return 128;
    case NftType::ether_addr:
      return 48;
    case NftType::inet_service:
      return 16;
    case NftType::inet_proto:
    case NftType::icmp_type:
    case NftType::icmpv6_type:
    case NftType::icmp_code:
    case NftType::icmpv6_code:
    case NftType::tcp_flag:
    case NftType::packet_type:
    case NftType::fib_addrtype:
    case NftType::nf_proto:
      return 8;
    case NftType::dscp:
      return 6;
    case NftType::ecn:
      return 2;
    case NftType::integer:
    case NftType::ifname:
    case NftType::ct_state:
    case NftType::other:
      return 32;
  }
  return 32;
}

Number largest_of(NftType type) {
  const unsigned width = width_of(type);
  return width == 128 ? ~Number{0} : (Number{1} << width) - 1;
}

std::optional<Number> address_of(NftType type, std::string_view text) {
  unsigned char bytes[16] = {};
  const bool is_v4 = type == NftType::ipv4_addr;
  if (inet_pton(is_v4 ? AF_INET : AF_INET6, std::string(text).c_str(), bytes) != 1) {
    return std::nullopt;
  }
  Number number = 0;
  for (int i = 0; i < (is_v4 ? 4 : 16); ++i) number = number << 8U | bytes[i];
  return number;
}

// In colons, or four numbers: no name of a host.
bool looks_like_address(std::string_view text) {
  return text.find(':') != std::string_view::npos ||
         (text.find_first_not_of("0123456789.") == std::string_view::npos &&
          std::ranges::count(text, '.') == 3);
}

std::optional<Number> mac_of(std::string_view text) {
  Number number = 0;
  std::size_t parts = 0;
  while (!text.empty()) {
    const std::string_view part = text.substr(0, text.find(':'));
    unsigned byte = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), byte, 16);
    if (error != std::errc() || end != part.data() + part.size() || byte > 255) return std::nullopt;
    number = number << 8U | byte;
    ++parts;
    text.remove_prefix(std::min(text.size(), part.size() + 1));
  }
  return parts == 6 ? std::optional(number) : std::nullopt;
}

std::string_view noun_of(NftType type) {
  switch (type) {
    case NftType::ipv4_addr:
      return "an IPv4 address";
    case NftType::ipv6_addr:
      return "an IPv6 address";
    case NftType::ether_addr:
      return "a MAC address";
    case NftType::inet_proto:
      return "a protocol";
    case NftType::inet_service:
      return "a port or service name";
    case NftType::ct_state:
      return "a connection state";
    case NftType::icmp_type:
    case NftType::icmpv6_type:
      return "an ICMP type";
    case NftType::icmp_code:
    case NftType::icmpv6_code:
      return "an ICMP code";
    case NftType::tcp_flag:
      return "a TCP flag";
    case NftType::packet_type:
      return "a packet type";
    case NftType::fib_addrtype:
      return "an address type";
    case NftType::nf_proto:
      return "ipv4 or ipv6";
    case NftType::dscp:
    case NftType::ecn:
    case NftType::integer:
    case NftType::mark:
    case NftType::ifname:
    case NftType::other:
      return "a number";
  }
  return "a number";
}

[[noreturn]] void refuse_word(NftType type, const Node& node) {
  std::vector<std::string_view> names = catalog::nft_symbol_names(type);
  if (type == NftType::inet_proto) {
    for (const auto& row : catalog::protocols()) names.push_back(row.name);
  } else if (type == NftType::inet_service) {
    for (const auto& row : catalog::services()) names.push_back(row.name);
  }
  const auto near = nearest(node.text, names);
  refuse(node, fmt::format("not {}: \"{}\"", noun_of(type), node.text.substr(0, 60)),
         near ? fmt::format("did you mean \"{}\"?", *near) : std::string());
}

std::optional<Number> word_value(NftType type, const Node& node) {
  const std::string_view text = node.text;
  switch (type) {
    case NftType::ipv4_addr:
    case NftType::ipv6_addr:
      // A name that only a resolver knows may stand here, too.
      if (looks_like_address(text) && !address_of(type, text)) {
        refuse(node, fmt::format("not {}: \"{}\"", noun_of(type), text.substr(0, 60)));
      }
      return address_of(type, text);
    case NftType::ether_addr:
      return mac_of(text);
    case NftType::inet_service:
      if (const auto port = catalog::port_of_service(text)) return *port;
      break;
    case NftType::inet_proto:
      if (const auto protocol = catalog::protocol_of_name(text)) return *protocol;
      break;
    case NftType::ifname:
    case NftType::other:
      return std::nullopt;
    case NftType::integer:
    case NftType::mark:
    case NftType::ct_state:
    case NftType::icmp_type:
    case NftType::icmpv6_type:
    case NftType::icmp_code:
    case NftType::icmpv6_code:
    case NftType::packet_type:
    case NftType::tcp_flag:
    case NftType::dscp:
    case NftType::ecn:
    case NftType::fib_addrtype:
    case NftType::nf_proto:
      break;
  }
  if (const auto symbol = catalog::nft_symbol(type, text)) return *symbol;
  // The numbers of states are bits, which nobody writes.
  const auto number = type == NftType::ct_state ? std::nullopt : plain_number(text);
  if (!number) {
    if (type == NftType::mark || type == NftType::integer || type == NftType::dscp) {
      return std::nullopt;  // a name of rt_marks and the like
    }
    refuse_word(type, node);
  }
  if (*number > largest_of(type)) {
    refuse(node, fmt::format("too large for {}: \"{}\"", noun_of(type), text.substr(0, 60)));
  }
  return number;
}

// In the units of the field.
Interval in_units(NftType type, Number first, Number last) {
  if (type != NftType::icmp_type && type != NftType::icmpv6_type) return {first, last};
  return {first * 256, last * 256 + 255};
}

}  // namespace

std::optional<Number> plain_number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  } else if (text.size() > 1 && text.front() == '0') {
    base = 8;
  }
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return Number{number};
}

std::optional<Number> number_of(NftType type, const Node& node) {
  switch (node.kind) {
    case NodeKind::symbol:
    case NodeKind::quoted:
      return word_value(type, node);
    case NodeKind::list:
    case NodeKind::binary: {
      std::optional<Number> all;
      for (const Node& child : node.children) {
        const auto number = number_of(type, child);
        if (!number) return std::nullopt;
        if (!all) {
          all = number;
        } else if (node.text == "|" || node.text == ",") {
          *all |= *number;
        } else if (node.text == "&") {
          *all &= *number;
        } else if (node.text == "^") {
          *all ^= *number;
        } else if (*number >= 64) {
          return std::nullopt;
        } else {
          all = node.text == "<<" ? *all << static_cast<unsigned>(*number)
                                  : *all >> static_cast<unsigned>(*number);
        }
      }
      return all;
    }
    case NodeKind::set_name:
    case NodeKind::any:
    case NodeKind::prefix:
    case NodeKind::range:
    case NodeKind::set:
    case NodeKind::mapping:
    case NodeKind::concat:
    case NodeKind::negation:
    case NodeKind::selector:
    case NodeKind::map:
    case NodeKind::verdict:
    case NodeKind::match:
    case NodeKind::vmap:
    case NodeKind::assign:
    case NodeKind::statement:
    case NodeKind::argument:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<Interval> interval_of(NftType type, const Node& node) {
  if (node.kind == NodeKind::range) {
    const auto first = number_of(type, node.children[0]);
    const auto last = number_of(type, node.children[1]);
    if (!first || !last) return std::nullopt;
    if (*first > *last) {
      refuse(node, "a range that ends before it begins", "nft refuses it", "Swap its ends.");
    }
    return in_units(type, *first, *last);
  }
  if (node.kind == NodeKind::prefix) {
    const auto value = number_of(type, node.children[0]);
    const auto length = number_of(NftType::integer, node.children[1]);
    const unsigned width = width_of(type);
    if (!value || !length) return std::nullopt;
    if (*length > width) {
      refuse(node.children[1], fmt::format("a prefix longer than {} bits", width));
    }
    const auto host_bits = width - static_cast<unsigned>(*length);
    const Number host = host_bits == 128 ? ~Number{0} : (Number{1} << host_bits) - 1;
    return Interval{*value & ~host, *value | host};
  }
  const auto value = number_of(type, node);
  if (!value) return std::nullopt;
  return in_units(type, *value, *value);
}

NamePattern name_of(const Node& node) {
  std::string_view text = node.text;
  const bool is_prefix = text.ends_with('*') && !text.ends_with("\\*");
  if (is_prefix) text.remove_suffix(1);
  constexpr std::size_t longest = 15;  // IFNAMSIZ - 1
  if (text.size() > longest) {
    refuse(node, fmt::format("no interface has a name of more than 15 bytes: \"{}\"",
                             text.substr(0, 60)));
  }
  return {text, is_prefix};
}

NftType type_of_word(std::string_view word) {
  struct Row {
    std::string_view word;
    NftType type{};
  };
  constexpr Row rows[] = {{"ipv4_addr", NftType::ipv4_addr},
                          {"ipv6_addr", NftType::ipv6_addr},
                          {"ether_addr", NftType::ether_addr},
                          {"lladdr", NftType::ether_addr},
                          {"inet_proto", NftType::inet_proto},
                          {"inet_service", NftType::inet_service},
                          {"mark", NftType::mark},
                          {"ifname", NftType::ifname},
                          {"iface_index", NftType::ifname},
                          {"ct_state", NftType::ct_state},
                          {"icmp_type", NftType::icmp_type},
                          {"icmpv6_type", NftType::icmpv6_type},
                          {"icmp_code", NftType::icmp_code},
                          {"icmpv6_code", NftType::icmpv6_code},
                          {"pkt_type", NftType::packet_type},
                          {"tcp_flag", NftType::tcp_flag},
                          {"dscp", NftType::dscp},
                          {"ecn", NftType::ecn},
                          {"fib_addrtype", NftType::fib_addrtype},
                          {"nf_proto", NftType::nf_proto},
                          {"integer", NftType::integer}};
  const auto row = std::ranges::find(rows, word, &Row::word);
  return row == std::end(rows) ? NftType::other : row->type;
}

}  // namespace untrack::nft
