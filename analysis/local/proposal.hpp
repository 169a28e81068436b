// Proposal: one packet of a box, such as people meet where the box leaves a choice. Whether it does
// what it was made for, the concrete walk says. Used by the search for live rules (rule_lives.hpp).
#pragma once

#include <optional>

#include "analysis/local/box.hpp"
#include "analysis/packet/name_domain.hpp"

namespace untrack {

// nullopt: no packet of the way is in the box. `mark`: if the box does not say it.
[[nodiscard]] std::optional<Packet> packet_in(const Box& box, const NameDomain& names,
                                              IpVersion version, Path path,
                                              std::optional<std::uint32_t> mark);

}  // namespace untrack
