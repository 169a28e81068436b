// Ports: numbers and service names, ranges, multiport's lists and the ports of NAT targets.
#pragma once

#include <cstdint>
#include <optional>

#include "parser/iptables/values/value.hpp"

namespace untrack::iptables {

// One port by number or service name. Reports and returns nullopt if it is neither.
std::optional<std::uint16_t> read_port(ValueContext& context, const Word& word);

// port, a:b, a:, :b
bool read_port_range(ValueContext& context, const Word& word, Value& value);

// multiport(8): up to 15 ports, where a range counts for two.
bool read_port_list(ValueContext& context, const Word& word, Value& value);

// a or a-b, of MASQUERADE and REDIRECT --to-ports, SNAT and DNAT.
bool read_nat_ports(ValueContext& context, const Word& word, Value& value);

}  // namespace untrack::iptables
