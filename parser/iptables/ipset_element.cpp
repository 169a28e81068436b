#include "parser/iptables/ipset_element.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <string>

#include "model/catalog/icmp_types.hpp"
#include "model/catalog/protocols.hpp"
#include "model/catalog/services.hpp"
#include "model/ip_protocol.hpp"

namespace untrack::iptables {
namespace {

std::optional<std::uint32_t> number_of(std::string_view text, std::uint32_t largest) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  }
  std::uint32_t value = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value, base);
  if (text.empty() || read.ec != std::errc() || read.ptr != end || value > largest) {
    return std::nullopt;
  }
  return value;
}

std::optional<Number> address_of(std::string_view text, Family family) {
  std::array<unsigned char, 16> bytes{};
  const bool is_ipv6 = family == Family::ip6;
  if (inet_pton(is_ipv6 ? AF_INET6 : AF_INET, std::string(text).c_str(), bytes.data()) != 1) {
    return std::nullopt;
  }
  Number value = 0;
  for (std::size_t i = 0; i < (is_ipv6 ? 16U : 4U); ++i) value = value << 8U | bytes[i];
  return value;
}

std::optional<std::uint32_t> port_of(std::string_view text) {
  if (const auto number = number_of(text, 65535)) return number;
  if (const auto port = catalog::port_of_service(text)) return *port;
  return std::nullopt;
}

// TYPE/CODE or a name, for icmp and icmpv6.
std::optional<Interval> icmp_of(std::string_view text, IpVersion version) {
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto type = number_of(text.substr(0, slash), 255);
    const auto code = number_of(text.substr(slash + 1), 255);
    if (!type || !code) return std::nullopt;
    const Number value = *type * 256 + *code;
    return Interval{value, value};
  }
  const catalog::IcmpTypeSearch search = catalog::find_icmp_type(text, version);
  if (search.found == nullptr || search.found->first_type != search.found->last_type) {
    return std::nullopt;
  }
  const Number type = Number{search.found->first_type} * 256;
  return Interval{type + search.found->first_code, type + search.found->last_code};
}

}  // namespace

std::optional<Interval> ipset_addresses(std::string_view text, Family family) {
  const unsigned width = family == Family::ip6 ? 128 : 32;
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) {
    const auto address = address_of(text.substr(0, slash), family);
    const auto length = number_of(text.substr(slash + 1), width);
    if (!address || !length) return std::nullopt;
    const Number host = *length == width               ? Number{0}
                        : *length == 0 && width == 128 ? ~Number{0}
                                                       : (Number{1} << (width - *length)) - 1;
    return Interval{*address & ~host, *address | host};
  }
  const std::size_t dash = text.find('-');
  if (dash != std::string_view::npos) {
    const auto first = address_of(text.substr(0, dash), family);
    const auto last = address_of(text.substr(dash + 1), family);
    if (!first || !last || *first > *last) return std::nullopt;
    return Interval{*first, *last};
  }
  const auto address = address_of(text, family);
  if (!address) return std::nullopt;
  return Interval{*address, *address};
}

std::optional<Interval> ipset_ports(std::string_view text, bool is_plain) {
  std::uint32_t protocol = ip_protocol::tcp;
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    const std::string_view name = text.substr(0, colon);
    const auto by_name = catalog::protocol_of_name(name);
    const auto number = by_name ? std::optional<std::uint32_t>(*by_name) : number_of(name, 255);
    if (!number || *number == 0) return std::nullopt;
    protocol = *number;
    text = text.substr(colon + 1);
  }
  const Number base = is_plain ? Number{0} : Number{protocol} * 65536;
  const bool is_of_ipv4 = protocol == ip_protocol::icmp;
  if (is_of_ipv4 || protocol == ip_protocol::icmpv6) {
    const auto values = icmp_of(text, is_of_ipv4 ? IpVersion::ipv4 : IpVersion::ipv6);
    if (!values) return std::nullopt;
    return Interval{base + values->first, base + values->last};
  }
  if (const auto port = port_of(text)) return Interval{base + *port, base + *port};
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto first = port_of(text.substr(0, dash));
  const auto last = port_of(text.substr(dash + 1));
  if (!first || !last || *first > *last) return std::nullopt;
  return Interval{base + *first, base + *last};
}

std::optional<Interval> ipset_mac(std::string_view text) {
  if (text.size() != 17) return std::nullopt;
  Number value = 0;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint8_t byte = 0;
    const auto read = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    if (read.ec != std::errc() || read.ptr != text.data() + i + 2) return std::nullopt;
    if (i + 2 < text.size() && text[i + 2] != ':') return std::nullopt;
    value = value << 8U | byte;
  }
  return Interval{value, value};
}

std::optional<Interval> ipset_mark(std::string_view text) {
  const auto value = number_of(text, 0xffffffffU);
  if (!value) return std::nullopt;
  return Interval{*value, *value};
}

}  // namespace untrack::iptables
