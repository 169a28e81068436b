// OnePortService: UDP services whose answers do not come back as one expects of them, to a port of
// the client's: those whose clients send from the port they send to, and those that nobody answers.
// Read by the assumption client_ports (analysis/flows), by the mirror of a rewrite, and by UT305.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace untrack::catalog {

enum class Answers : std::uint8_t {
  on_one_port,    // the client's port is the service's; another one is rare
  mostly_on_one,  // the same, but where a NAT is between them, and that is common
  none,           // or not to the port that asked
};

struct OnePortService {
  std::uint16_t first_port = 0;
  std::uint16_t last_port = 0;
  std::string_view name;  // as UT305's text lists it
  Answers answers{};
  std::string_view evidence;
};

[[nodiscard]] std::span<const OnePortService> one_port_services();

// The ports, in order, of those whose clients send from the port they send to. A client may use
// another port all the same.
[[nodiscard]] std::span<const std::uint16_t> symmetric_ports();

}  // namespace untrack::catalog
