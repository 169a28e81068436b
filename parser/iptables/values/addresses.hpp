// Addresses: hosts and networks with prefix length or mask, comma lists, ranges and the targets of
// NAT, in IPv4 and IPv6. Numbers are in host byte order.
#pragma once

#include <optional>
#include <string_view>

#include "parser/iptables/values/value.hpp"

namespace untrack::iptables {

// As iptables takes them: IPv4 in one to four parts, missing ones zero ("10" is 10.0.0.0), each
// decimal, octal or hexadecimal (libxtables/xtables.c, __numeric_to_ipaddr); IPv6 as inet_pton(3).
[[nodiscard]] std::optional<Number> address_of(std::string_view text, IpVersion version);

// Of all ones: 32 or 128 bits.
[[nodiscard]] Number full_mask(IpVersion version);

// One host or network per part of a comma list. A name that only a resolver knows, and a mask with
// holes, leave the value opaque with a normal form; the name is reported as not understood.
bool read_address_list(ValueContext& context, const Word& word, Value& value);
bool read_address(ValueContext& context, const Word& word, Value& value);

// a or a-b
bool read_address_range(ValueContext& context, const Word& word, Value& value);

// A prefix length, or a mask in IPv4 (connlimit, hashlimit, HMARK).
bool read_prefix_length(ValueContext& context, const Word& word, Value& value);

// [address[-address]][:port[-port]], IPv6 addresses in brackets where a port follows.
// value.intervals: the addresses if there are any, then the ports if there are any.
bool read_nat_target(ValueContext& context, const Word& word, Value& value);

}  // namespace untrack::iptables
