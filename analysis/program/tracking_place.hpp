// Whether a rule is met in front of connection tracking or behind it. In front of it there is no
// entry yet, so that marks of it, and helpers and timeouts of nft, do nothing; zones are given
// there alone (nft_ct.c, xt_CONNMARK.c, 6.1; measured on 6.18 but for helpers). Used by whatever
// compares what rules do to entries.
#pragma once

#include <cstdint>

#include "model/ruleset.hpp"

namespace untrack {

enum class TrackingPlace : std::uint8_t {
  behind,
  ahead,
  either,  // a chain that base chains in both places lead to, or may lead to
};

[[nodiscard]] TrackingPlace tracking_place(const Ruleset& ruleset, ChainId chain);

// Whether a test of the state may stand in front of it.
[[nodiscard]] bool asks_state_ahead(const Ruleset& ruleset);

}  // namespace untrack
