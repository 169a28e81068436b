// MirrorPlaces: puts jumps to mirrors (rewriter/stateless/mirror.hpp) into the places of a draft
// whose replies would take too many rules, and chains around ICMP errors that would be said of each
// type anew. Between find_replies() and final_edits().
#pragma once

#include <vector>

#include "rewriter/stateless/replies.hpp"

namespace untrack {

struct MirroredPlaces {
  std::vector<Edit> edits;  // the chains: their declarations and rules
  std::vector<Refusal> refusals;
  bool has_chosen = false;  // something could stay, and is mirrored
};

// What is too long for a place that could stand there as it is nevertheless.
enum class LongReplies : std::uint8_t {
  stay,
  mirrored_if_shorter,  // or no longer
};

// Adds to the rules of `replies` what stands in their places.
[[nodiscard]] MirroredPlaces mirror_places(const Ruleset& ruleset, const Sources& sources,
                                           IpVersion version, const Assumptions& assumptions,
                                           const std::vector<Place>& places, LongReplies choice,
                                           Replies& replies);

}  // namespace untrack
