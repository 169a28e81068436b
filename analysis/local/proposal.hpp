// Proposal: one packet of a box, such as people meet where the box leaves a choice. Whether it does
// what it was made for, the concrete walk says. Used by the search for live rules (rule_lives.hpp).
#pragma once

#include <optional>
#include <span>
#include <utility>

#include "analysis/local/box.hpp"
#include "analysis/packet/name_domain.hpp"

namespace untrack {

using Hints = std::span<const std::pair<Field, Number>>;

// nullopt: no packet of the way is in the box. The hints, of which later ones come first, are taken
// where they fit the box.
[[nodiscard]] std::optional<Packet> packet_in(const RangeBox& box, const NameDomain& names,
                                              IpVersion version, Path path, Hints outer,
                                              Hints inner);

}  // namespace untrack
