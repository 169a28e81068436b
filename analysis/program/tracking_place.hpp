// Whether a rule is met in front of connection tracking or behind it. In front of it there is no
// entry yet (nft_ct.c, xt_CONNMARK.c, 6.1: they do nothing), and zones and timeouts are given there
// alone. Used by whatever compares what rules do to entries.
#pragma once

#include <cstdint>

#include "model/ruleset.hpp"

namespace untrack {

enum class TrackingPlace : std::uint8_t {
  behind,
  ahead,
  either,  // a chain that is not a base, of a table with base chains in both places
};

[[nodiscard]] TrackingPlace tracking_place(const Ruleset& ruleset, ChainId chain);

}  // namespace untrack
