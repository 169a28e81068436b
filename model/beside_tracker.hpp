// Base chains of nft at the very priority of connection tracking: whichever was loaded last runs
// first, which no text tells. Used by resolve().
#pragma once

#include "model/ruleset.hpp"

namespace untrack {

// Whether the chain stands there, and something in it, or in what it jumps to, would mean another
// thing ahead of connection tracking than behind it. Jumps have to be linked. O(rules of its
// table).
[[nodiscard]] bool depends_on_tracker_order(const Ruleset& ruleset, ChainId chain);

}  // namespace untrack
