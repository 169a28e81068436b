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

Number largest_of(NftType type, unsigned bits = 0) {
  const unsigned width = bits == 0 ? catalog::nft_datatype(type).bits : bits;
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

// In colons, or numbers with dots between them: no name of a host.
bool looks_like_address(std::string_view text) {
  return text.find(':') != std::string_view::npos ||
         (text.find_first_not_of("0123456789.") == std::string_view::npos &&
          text.find('.') != std::string_view::npos);
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

[[noreturn]] void refuse_word(NftType type, const Node& node) {
  std::vector<std::string_view> names = catalog::nft_symbol_names(type);
  if (type == NftType::inet_proto) {
    for (const auto& row : catalog::protocols()) names.push_back(row.name);
  } else if (type == NftType::inet_service) {
    for (const auto& row : catalog::services()) names.push_back(row.name);
  }
  const auto near = nearest(node.text, names);
  refuse(node,
         fmt::format("not {}: \"{}\"", catalog::nft_datatype(type).noun, node.text.substr(0, 60)),
         near ? fmt::format("did you mean \"{}\"?", *near) : std::string());
}

// The kernel has a bit for each state (linux/netfilter/nf_conntrack_common.h); other numbers are
// none.
std::optional<Number> state_of_bit(Number bit) {
  const auto is = [bit](CtState state, unsigned value) {
    return bit == value ? std::optional(static_cast<Number>(state)) : std::nullopt;
  };
  if (const auto state = is(CtState::invalid, 1)) return state;
  if (const auto state = is(CtState::established, 2)) return state;
  if (const auto state = is(CtState::related, 4)) return state;
  if (const auto state = is(CtState::new_, 8)) return state;
  return is(CtState::untracked, 64);
}

std::optional<Number> address_value(NftType type, const Node& node) {
  const std::string_view text = node.text;
  if (const auto address = address_of(type, text)) return address;
  const auto number = plain_number(text);
  if (number && type == NftType::ipv4_addr && *number <= largest_of(type)) return number;
  // A name that only a resolver knows may stand here, too.
  if (number || looks_like_address(text)) {
    refuse(node,
           fmt::format("not {}: \"{}\"", catalog::nft_datatype(type).noun, text.substr(0, 60)));
  }
  return std::nullopt;
}

// Names of protocols have an alias in capital letters (/etc/protocols).
std::optional<Number> protocol_value(std::string_view text) {
  if (const auto protocol = catalog::protocol_of_name(text)) return *protocol;
  std::string lower(text);
  const bool is_upper = std::ranges::none_of(text, [](char c) { return c >= 'a' && c <= 'z'; });
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const auto protocol = is_upper ? catalog::protocol_of_name(lower) : std::nullopt;
  return protocol ? std::optional<Number>(*protocol) : std::nullopt;
}

std::optional<Number> word_value(NftType type, const Node& node, unsigned bits) {
  const std::string_view text = node.text;
  if (type == NftType::ipv4_addr || type == NftType::ipv6_addr) return address_value(type, node);
  if (type == NftType::ifname || type == NftType::other) return std::nullopt;
  if (type == NftType::ether_addr) return mac_of(text);
  if (type == NftType::inet_service) {
    if (const auto port = catalog::port_of_service(text)) return *port;
  } else if (type == NftType::inet_proto) {
    if (const auto protocol = protocol_value(text)) return *protocol;
  }
  if (const auto symbol = catalog::nft_symbol(type, text)) return *symbol;
  const auto number = plain_number(text);
  if (type == NftType::ct_state && number) return state_of_bit(*number);
  if (!number) {
    if (catalog::nft_datatype(type).has_more_words) return std::nullopt;
    refuse_word(type, node);
  }
  if (*number > largest_of(type, bits)) {
    refuse(node,
           fmt::format("too large for {}: \"{}\"", catalog::nft_datatype(type).noun,
                       text.substr(0, 60)),
           bits == 0 ? std::string() : fmt::format("it has {} bits", bits));
  }
  return number;
}

// In the units of the field.
Interval in_units(NftType type, Number first, Number last) {
  if (type == NftType::ether_type) {
    constexpr Number ip = 0x0800;  // ETH_P_*, linux/if_ether.h
    constexpr Number ip6 = 0x86dd;
    const bool has_v4 = first <= ip && ip <= last;
    const bool has_v6 = first <= ip6 && ip6 <= last;
    const Number v4 = nf_proto(IpVersion::ipv4);
    const Number v6 = nf_proto(IpVersion::ipv6);
    return {has_v4 ? v4 : has_v6 ? v6 : 0, has_v6 ? v6 : has_v4 ? v4 : 0};
  }
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

std::optional<std::uint64_t> time_in_ms(std::string_view text) {
  struct Unit {
    std::string_view name;
    std::uint64_t ms;
  };
  static constexpr Unit units[] = {{"d", 86'400'000}, {"h", 3'600'000}, {"ms", 1},
                                   {"m", 60'000},     {"s", 1'000},     {"", 1'000}};
  if (text.empty()) return std::nullopt;
  std::uint64_t all = 0;
  while (!text.empty()) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const std::string_view name = text.substr(0, text.find_first_of("0123456789"));
    const auto* const unit = std::ranges::find(units, name, &Unit::name);
    if (unit == std::end(units)) return std::nullopt;
    all += number * unit->ms;  // beyond 2^64 two times may be taken for one; nft takes none so long
    text.remove_prefix(name.size());
  }
  return all;
}

std::optional<Number> number_of(NftType type, const Node& node, unsigned bits) {
  switch (node.kind) {
    case NodeKind::symbol:
    case NodeKind::quoted:
      return word_value(type, node, bits);
    case NodeKind::list:
    case NodeKind::binary: {
      std::optional<Number> all;
      for (const Node& child : node.children) {
        const auto number = number_of(type, child, bits);
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

std::optional<Interval> interval_of(NftType type, const Node& node, unsigned bits) {
  if (node.kind == NodeKind::range) {
    const auto first = number_of(type, node.children[0], bits);
    const auto last = number_of(type, node.children[1], bits);
    if (!first || !last) return std::nullopt;
    if (*first > *last) {
      refuse(node, "a range that ends before it begins", "nft refuses it", "Swap its ends.");
    }
    return in_units(type, *first, *last);
  }
  if (node.kind == NodeKind::prefix) {
    const auto value = number_of(type, node.children[0], bits);
    const auto length = number_of(NftType::integer, node.children[1]);
    const unsigned width = bits == 0 ? catalog::nft_datatype(type).bits : bits;
    if (!value || !length) return std::nullopt;
    if (*length > width) {
      refuse(node.children[1], fmt::format("a prefix longer than {} bits", width));
    }
    const auto host_bits = width - static_cast<unsigned>(*length);
    const Number host = host_bits == 128 ? ~Number{0} : (Number{1} << host_bits) - 1;
    return Interval{*value & ~host, *value | host};
  }
  const auto value = number_of(type, node, bits);
  if (!value) return std::nullopt;
  return in_units(type, *value, *value);
}

Interval every_value(NftType type) {
  if (type == NftType::ether_type) return {0, largest_of(NftType::nf_proto)};
  return in_units(type, 0, largest_of(type));
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

void check_values(const catalog::NftExpression& row, const Node& right) {
  const catalog::NftDatatype& type = catalog::nft_datatype(row.type);
  switch (right.kind) {
    case NodeKind::set:
      for (const Node& element : right.children) {
        if (element.kind != NodeKind::any) check_values(row, element);
      }
      return;
    case NodeKind::mapping:
      if (right.children[0].kind != NodeKind::any) check_values(row, right.children[0]);
      return;
    case NodeKind::list:
    case NodeKind::negation:
      if (!type.is_bitmask) {
        refuse(right, "a list where one value belongs", "nft refuses it: these are no flags",
               "Write a set: { a, b }.");
      }
      for (const Node& each : right.children) check_values(row, each);
      return;
    case NodeKind::any:
      if (row.type != NftType::other) {
        refuse(right, "* stands in sets alone", "nft refuses it",
               "Leave the condition out: without it any value does.");
      }
      return;
    case NodeKind::symbol:
    case NodeKind::quoted:
    case NodeKind::range:
    case NodeKind::prefix:
      if (row.type == NftType::ifname) {
        if (right.kind == NodeKind::range || right.kind == NodeKind::prefix) return;
        const NamePattern name = name_of(right);
        if (name.text.empty()) refuse(right, "an interface without a name");
        const bool is_index = row.name == "meta iif" || row.name == "meta oif";
        if (is_index && name.is_prefix) {
          refuse(right, "no interface has that name", fmt::format("{} is a number", row.name),
                 "Write iifname or oifname, which compare names.");
        }
        return;
      }
      // `syn / syn,ack` is a value and a mask.
      if (right.kind == NodeKind::prefix && type.is_bitmask) return;
      (void)interval_of(row.type, right, row.bits);
      return;
    default:
      return;
  }
}

}  // namespace untrack::nft
