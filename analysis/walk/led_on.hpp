// led_on: which way a packet takes whose destination a rule ahead of routing has set. The walks
// follow one way and take routing to lead there; this says what routing does. Used by `explain`.
#pragma once

#include <optional>
#include <string>

#include "analysis/attribution/local_addresses.hpp"
#include "analysis/walk/concrete.hpp"

namespace untrack {

struct WayOn {
  Path path{};
  bool is_assumed = false;  // nobody told the host's addresses: the new one is taken for another's
};

// Nothing: the packet goes on as it was asked about. `trace` is of a walk of `packet`.
[[nodiscard]] std::optional<WayOn> led_on(const Packet& packet, const Trace& trace,
                                          const LocalAddresses& locals);

// The packet as it came in, on that way. `out_interface`: of one that is forwarded.
[[nodiscard]] Packet sent_on(Packet packet, Path path, std::string out_interface);

}  // namespace untrack
