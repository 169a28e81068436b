// Protocol names as /etc/protocols and iptables spell them, with their numbers: read by parser/ for
// -p, by report/ to print a protocol by its name.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace untrack::catalog {

struct ProtocolName {
  std::string_view name;      // lower case
  std::uint8_t number = 0;    // 0 is every protocol in iptables (-p all)
  bool is_preferred = false;  // the name that iptables-save prints; one a number
};

// All names, sorted by name (byte order) and unique.
[[nodiscard]] std::span<const ProtocolName> protocols();

// The number of a name in lower case (iptables lowers what follows -p before it looks it up,
// iptables 1.8.9, iptables/xshared.c). nullopt if the name is not known. O(log n).
[[nodiscard]] std::optional<std::uint8_t> protocol_of_name(std::string_view name);

// The preferred name of a number; empty if there is none. O(1).
[[nodiscard]] std::string_view protocol_name(std::uint8_t number);

}  // namespace untrack::catalog
