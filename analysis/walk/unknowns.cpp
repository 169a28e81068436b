#include "analysis/walk/unknowns.hpp"

#include <algorithm>

namespace untrack {

bool Unknowns::was_asked_before(std::uint32_t part) {
  if (std::ranges::find(tests, part) != tests.end()) return true;
  tests.push_back(part);
  return false;
}

std::string_view Unknowns::asked(Field field) const {
  if (field == Field::mark && mark) return guessed_mark;
  if (field == Field::destination_address && destination) {
    return "the address to which REDIRECT leads";
  }
  if (field == Field::out_interface && out_interface) {
    return "where a packet goes whose address a rule has set";
  }
  const bool is_open = (field == Field::destination_type && destination_type) ||
                       (field == Field::source_type && source_type);
  return is_open ? "what kind of address it is that a rule has set" : "";
}

void set_address(Packet& packet, Unknowns& unknown, Field field, Number address,
                 bool is_before_routing) {
  packet[field] = address;
  if (field == Field::source_address) {
    unknown.source_type = true;
  } else if (is_before_routing) {
    // The way that is asked about says what routing made of it.
    packet[Field::destination_type] =
        packet.path == Path::in ? address_type::local : address_type::unicast;
  } else {
    unknown.destination_type = true;
  }
  // A chain of type route has the way out looked up again.
  if (packet.path == Path::out) unknown.out_interface = true;
}

}  // namespace untrack
