// How people write a packet, and how it is printed: `in tcp 192.0.2.1:40000 > 198.51.100.2:443 syn
// iif eth0 state new`. Read by `explain --packet`, printed wherever a witness is shown; what is
// printed reads back as the same packet.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/packet/packet.hpp"

namespace untrack {

// What is wrong with a packet that somebody typed.
struct PacketError {
  std::size_t begin = 0;  // bytes of the text
  std::size_t end = 0;
  std::string message;  // what was found and what was expected
  std::string cure;     // may be empty
};

struct ParsedPacket {
  std::optional<Packet> packet;  // none: see error
  PacketError error;
  std::vector<std::string> assumed;  // what the text did not say: "tcp without flags: SYN"
};

[[nodiscard]] ParsedPacket parse_packet(std::string_view text);

// One line; what has its usual value is left out. Control characters cannot occur in it.
[[nodiscard]] std::string to_text(const Packet& packet);

}  // namespace untrack
