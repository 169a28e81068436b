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
  bool has_chosen = false;       // something could stay, and is mirrored
  bool has_left_groups = false;  // some answers of groups
};

struct MirrorChoice {
  // What could stay in its place, though it is long, is mirrored where that is about as short.
  bool if_shorter = true;
  // Answers from multicast addresses are let pass as any others. There are none.
  bool answers_of_groups = false;
};

// Adds to the rules of `replies` what stands in their places.
[[nodiscard]] MirroredPlaces mirror_places(const Ruleset& ruleset, const Sources& sources,
                                           IpVersion version, const Assumptions& assumptions,
                                           const std::vector<Place>& places, MirrorChoice choice,
                                           Replies& replies);

}  // namespace untrack
