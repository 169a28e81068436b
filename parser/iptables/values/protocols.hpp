// Protocol names and numbers, ICMP types and TCP flags: what says which layer-4 packet is meant.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "parser/iptables/values/value.hpp"

namespace untrack::iptables {

// By name in any case of letters, or by number; 0 is every protocol. nullopt if it is neither.
[[nodiscard]] std::optional<std::uint8_t> protocol_of(std::string_view text);

// Reports and returns nullopt if it is neither.
std::optional<std::uint8_t> read_protocol(ValueContext& context, const Word& word);

// Name, TYPE or TYPE/CODE, of the family of the rule; as type * 256 + code.
bool read_icmp_type(ValueContext& context, const Word& word, Value& value);

// The two words of --tcp-flags: which flags are looked at, and which of them are set.
bool read_tcp_flags(ValueContext& context, const Word& mask, const Word& set, Value& value);

// --syn: SYN set, and ACK, RST and FIN not.
void syn_flags(ValueContext& context, Value& value);

}  // namespace untrack::iptables
