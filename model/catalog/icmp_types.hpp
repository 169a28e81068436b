// ICMP and ICMPv6 type names of iptables 1.8.9 (`iptables -p icmp -h`, `ip6tables -p icmpv6 -h`):
// read by parser/ for --icmp-type and --icmpv6-type, by report/ to print a type by its name.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "model/vocabulary.hpp"

namespace untrack::catalog {

struct IcmpType {
  std::string_view name;
  std::uint8_t first_type = 0;  // first and last differ for `any` alone
  std::uint8_t last_type = 0;
  std::uint8_t first_code = 0;
  std::uint8_t last_code = 255;
  bool is_alias = false;  // ping, pong, ttl-exceeded, neighbor-...: a second name of another row
};

// ICMP for IPv4, ICMPv6 for IPv6; in the order of iptables' help (by type, then code).
[[nodiscard]] std::span<const IcmpType> icmp_types(IpVersion version);

// What a name stands for. iptables takes any beginning of a name that fits one row only, in upper
// or lower case (iptables 1.8.9, extensions/libxt_icmp.h, ipt_parse_icmp), and so does this.
struct IcmpTypeSearch {
  const IcmpType* found = nullptr;   // nullptr: not known, or ambiguous
  const IcmpType* first = nullptr;   // the first row that fits
  const IcmpType* second = nullptr;  // another row that fits: the name is ambiguous
};
[[nodiscard]] IcmpTypeSearch find_icmp_type(std::string_view name, IpVersion version);

// The name of one type with all its codes (first_code 0, last_code 255) or of one type and code;
// empty if it has none. Never an alias.
[[nodiscard]] std::string_view icmp_type_name(std::uint8_t type, std::uint8_t first_code,
                                              std::uint8_t last_code, IpVersion version);

}  // namespace untrack::catalog
