// Service names as /etc/services spells them, with their ports: read by parser/ where a rule names
// a port (getservbyname in iptables), and for the nearest right word when a name is not known. A
// table of our own, so that the answer does not depend on the host that runs the program.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace untrack::catalog {

struct Service {
  enum Transport : std::uint8_t { tcp = 1, udp = 2, sctp = 4, dccp = 8 };

  std::string_view name;
  std::uint16_t port = 0;
  std::uint8_t transports = 0;  // Transport bits: for which it is registered
};

// All names, sorted by name (byte order) and unique.
[[nodiscard]] std::span<const Service> services();

// The port of a name, which is case-sensitive as in services(5). No name has two ports, so the
// protocol of the rule is not asked; iptables refuses a name that is registered for another
// protocol only (getservbyname), which the row's `transports` tell. nullopt if the name is not
// known. O(log n).
[[nodiscard]] std::optional<std::uint16_t> port_of_service(std::string_view name);

// The row of a name; nullptr if the name is not known. O(log n).
[[nodiscard]] const Service* find_service(std::string_view name);

}  // namespace untrack::catalog
