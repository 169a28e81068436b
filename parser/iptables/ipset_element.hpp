// The parts of an ipset element: addresses, ports, MAC addresses, marks. ipset(8), "ADD".
#pragma once

#include <optional>
#include <string_view>

#include "model/match.hpp"
#include "model/vocabulary.hpp"

namespace untrack::iptables {

// Host, ADDRESS/PREFIX, or FROM-TO, which must not be empty.
[[nodiscard]] std::optional<Interval> ipset_addresses(std::string_view text, Family family);

// [PROTOCOL:]PORT[-PORT], icmp:TYPE/CODE or icmp:NAME, PROTOCOL:0; as protocol * 65536 + port.
// Without a protocol it is TCP; `is_plain` (bitmap:port): no protocol, the port alone.
[[nodiscard]] std::optional<Interval> ipset_ports(std::string_view text, bool is_plain);

[[nodiscard]] std::optional<Interval> ipset_mac(std::string_view text);

[[nodiscard]] std::optional<Interval> ipset_mark(std::string_view text);

}  // namespace untrack::iptables
