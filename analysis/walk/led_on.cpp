#include "analysis/walk/led_on.hpp"

#include <utility>

namespace untrack {

std::optional<WayOn> led_on(const Packet& packet, const Trace& trace,
                            const LocalAddresses& locals) {
  const Led& led = trace.led;
  if (!led.by.names_something() || packet.path == Path::out) return std::nullopt;
  WayOn way;
  if (led.is_here || is_loopback(packet.version, led.address)) {
    way.path = Path::in;
  } else if (led.address == packet[Field::destination_address]) {
    return std::nullopt;  // only the port is another
  } else if (!locals.is_empty()) {
    way.path = locals.has(packet.version, led.address) ? Path::in : Path::forward;
  } else {
    way = {Path::forward, true};
  }
  if (way.path == packet.path) return std::nullopt;
  return way;
}

Packet sent_on(Packet packet, Path path, std::string out_interface) {
  packet.path = path;
  packet.out_interface = path == Path::forward ? std::move(out_interface) : std::string();
  return packet;
}

}  // namespace untrack
