#include "parser/iptables/values/addresses.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <array>
#include <cctype>
#include <cstring>

#include "model/address_text.hpp"
#include "parser/iptables/problems.hpp"
#include "parser/iptables/values/numbers.hpp"
#include "parser/iptables/values/ports.hpp"

namespace untrack::iptables {
namespace {

unsigned width_of(IpVersion version) { return version == IpVersion::ipv4 ? 32 : 128; }

std::optional<Number> ipv4_of(std::string_view text, bool all_parts) {
  Number address = 0;
  for (unsigned part = 0; part < 4; ++part) {
    const std::size_t dot = text.find('.');
    const bool is_last = part == 3 || dot == std::string_view::npos;
    const auto byte = number_of(is_last ? text : text.substr(0, dot), 255);
    if (!byte) return std::nullopt;
    address |= static_cast<Number>(*byte) << (24 - 8 * part);
    if (is_last) {
      if (all_parts && part != 3) return std::nullopt;
      return address;
    }
    text.remove_prefix(dot + 1);
  }
  return address;
}

std::optional<Number> ipv6_of(std::string_view text) {
  std::array<char, 64> buffer{};
  if (text.size() >= buffer.size()) return std::nullopt;
  std::memcpy(buffer.data(), text.data(), text.size());
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET6, buffer.data(), bytes.data()) != 1) return std::nullopt;
  Number address = 0;
  for (const unsigned char byte : bytes) address = address << 8U | byte;
  return address;
}

// nullopt: not a mask.
std::optional<Number> mask_of(std::string_view text, IpVersion version) {
  const unsigned width = width_of(version);
  if (const auto length = number_of(text, width)) {
    if (*length == 0) return Number{0};
    const Number all = full_mask(version);
    return (all << (width - static_cast<unsigned>(*length))) & all;
  }
  return version == IpVersion::ipv4 ? ipv4_of(text, true) : ipv6_of(text);
}

bool has_holes(Number mask, IpVersion version) {
  const Number host_part = ~mask & full_mask(version);
  return (host_part & (host_part + 1)) != 0;
}

bool may_be_host_name(std::string_view text) {
  if (text.empty() || text.size() > 253 || text.front() == '-' || text.front() == '.') return false;
  bool has_letter = false;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (std::isalpha(u) != 0) has_letter = true;
    if (std::isalnum(u) == 0 && c != '.' && c != '-' && c != '_') return false;
  }
  return has_letter;
}

// True: it was read as something that needs a resolver.
bool read_host_name(ValueContext& context, const Word& word, Value& value) {
  if (!may_be_host_name(word.text)) return false;
  add_not_understood(
      context.ruleset, word.span, fmt::format("host name instead of an address: \"{}\"", word.text),
      "iptables asks the resolver when it loads the rule",
      "Write the address, so that the rule means the same on every host and at any time.");
  value.is_opaque = true;
  return true;
}

void refuse_address(ValueContext& context, const Word& word) {
  const bool v4 = context.ip_version == IpVersion::ipv4;
  const IpVersion other = v4 ? IpVersion::ipv6 : IpVersion::ipv4;
  if (word.text.find_first_of(".:") != std::string_view::npos && address_of(word.text, other)) {
    refuse(context, word, v4 ? "IPv6 address in an IPv4 rule" : "IPv4 address in an IPv6 rule",
           v4 ? "expected an IPv4 address" : "expected an IPv6 address",
           v4 ? "Put the rule into the rules for ip6tables."
              : "Put the rule into the rules for iptables.");
    return;
  }
  refuse(context, word, v4 ? "not an IPv4 address" : "not an IPv6 address",
         v4 ? "expected something like 192.0.2.1 or 192.0.2.0/24"
            : "expected something like 2001:db8::1 or 2001:db8::/32",
         word.text.starts_with('-') ? "Give the option its value." : "");
}

void refuse_mask(ValueContext& context, const Word& word) {
  const unsigned width = width_of(context.ip_version);
  refuse(context, word, "not a prefix length or mask",
         fmt::format("expected a number from 0 to {} or a mask like {}", width,
                     width == 32 ? "255.255.255.0" : "ffff:ffff::"));
}

}  // namespace

Number full_mask(IpVersion version) {
  return version == IpVersion::ipv4 ? Number{0xffffffffU} : ~Number{0};
}

std::optional<Number> address_of(std::string_view text, IpVersion version) {
  return version == IpVersion::ipv4 ? ipv4_of(text, false) : ipv6_of(text);
}

bool read_address(ValueContext& context, const Word& word, Value& value) {
  // ipparse skips blanks in front of a part ("a, b" in quotes).
  std::size_t begin = 0;
  while (begin < word.text.size() && word.text[begin] == ' ') ++begin;
  const std::size_t slash = word.text.find('/', begin);
  const Word host = part_of(word, begin, slash == std::string_view::npos ? slash : slash - begin);
  const Number all = full_mask(context.ip_version);

  Number mask = all;
  if (slash != std::string_view::npos) {
    const Word mask_word = part_of(word, slash + 1);
    const auto read = mask_of(mask_word.text, context.ip_version);
    if (!read) {
      refuse_mask(context, mask_word);
      return false;
    }
    mask = *read;
  }
  if (!value.normal.empty()) value.normal += ',';
  const auto address = address_of(host.text, context.ip_version);
  if (!address) {
    if (!read_host_name(context, host, value)) {
      refuse_address(context, host);
      return false;
    }
    value.normal += host.text;
    if (mask != all) value.normal += '/' + address_text(mask, context.ip_version);
    return true;
  }
  const Number first = *address & mask;
  add_interval(context, value, first, first | (~mask & all));
  if (value.is_opaque || has_holes(mask, context.ip_version)) {
    if (!value.is_opaque && value.intervals.count > 1) value.normal.clear();
    value.is_opaque = true;
    value.normal += address_text(first, context.ip_version);
    if (mask != all) value.normal += '/' + address_text(mask, context.ip_version);
  }
  return true;
}

bool read_address_list(ValueContext& context, const Word& word, Value& value) {
  if (word.text.find(',') == std::string_view::npos) return read_address(context, word, value);
  if (!for_each_part(word, ',',
                     [&](const Word& part) { return read_address(context, part, value); })) {
    return false;
  }
  // Parts read before the first that needs a normal form have none of their own yet.
  if (value.is_opaque) value.normal = word.text;
  return true;
}

bool read_address_range(ValueContext& context, const Word& word, Value& value) {
  const std::size_t dash = word.text.find('-');
  const Word low = part_of(word, 0, dash);
  const Word high = dash == std::string_view::npos ? low : part_of(word, dash + 1);
  const auto first = address_of(low.text, context.ip_version);
  if (!first) {
    refuse_address(context, low);
    return false;
  }
  const auto last = address_of(high.text, context.ip_version);
  if (!last) {
    refuse_address(context, high);
    return false;
  }
  if (*first > *last) {
    note_empty_range(context, word, fmt::format("{}-{}", high.text, low.text));
    value.is_empty_range = true;
    return true;
  }
  add_interval(context, value, *first, *last);
  return true;
}

bool read_prefix_length(ValueContext& context, const Word& word, Value& value) {
  const auto mask = mask_of(word.text, context.ip_version);
  if (!mask) {
    refuse_mask(context, word);
    return false;
  }
  value.normal = address_text(*mask, context.ip_version);
  return true;
}

bool read_nat_target(ValueContext& context, const Word& word, Value& value) {
  std::size_t address_end = word.text.size();
  std::size_t port_begin = std::string_view::npos;
  std::size_t address_begin = 0;
  if (context.ip_version == IpVersion::ipv4) {
    const std::size_t colon = word.text.find(':');
    if (colon != std::string_view::npos) {
      address_end = colon;
      port_begin = colon + 1;
    }
  } else if (word.text.starts_with('[')) {
    const std::size_t bracket = word.text.find(']');
    const std::string_view behind =
        bracket == std::string_view::npos ? "?" : word.text.substr(bracket + 1);
    if (!behind.empty() && behind[0] != ':') {
      refuse(context, word, "not an address for translation", "expected [ADDRESS]:PORT");
      return false;
    }
    address_begin = 1;
    address_end = bracket;
    if (!behind.empty()) port_begin = bracket + 2;
  } else if (word.text.starts_with(':') && !word.text.starts_with("::")) {
    address_end = 0;
    port_begin = 1;
  }

  if (address_end > address_begin) {
    const Word part = part_of(word, address_begin, address_end - address_begin);
    if (!read_address_range(context, part, value)) return false;
  } else if (port_begin == std::string_view::npos) {
    refuse(context, word, "not an address for translation",
           "expected ADDRESS, ADDRESS:PORT or :PORT");
    return false;
  }
  if (port_begin == std::string_view::npos) return true;
  Word part = part_of(word, port_begin);
  // DNAT's a-b/c shifts the range onto one that begins at c (iptables 1.8.3).
  const std::size_t slash = part.text.find('/');
  if (slash != std::string_view::npos) {
    if (!read_port(context, part_of(part, slash + 1))) return false;
    part = part_of(part, 0, slash);
  }
  value.has_ports = true;
  return read_nat_ports(context, part, value);
}

}  // namespace untrack::iptables
