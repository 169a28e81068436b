// Refusal: why a ruleset, or a part of it, is not rewritten. Made by the planners, told by the
// reports; a refusal is an answer, so it names what stands in the way. What it says would do
// instead is tried before it is told (app/pipeline/rewrite): a hint that fails when it is followed
// is worse than none.
#pragma once

#include <optional>
#include <string>

#include "analysis/flows/assumptions.hpp"
#include "model/ruleset.hpp"

namespace untrack {

struct Refusal {
  Span span;                                  // the words in the way; empty: the ruleset as a whole
  std::string reason;                         // one sentence without a full stop
  std::string instead;                        // what could be done, half a sentence; may be empty
  std::optional<Assumption> assumption = {};  // that `instead` says would do
  bool offers_notrack = false;                // `instead` says that mode notrack would do
};

// Of a stateless rewrite: NOTRACK may do instead.
inline void offer_notrack(Refusal& refusal) {
  refusal.instead =
      "untrack rewrite --mode notrack leaves it as it is, and untracks what does not need it";
  refusal.assumption.reset();
  refusal.offers_notrack = true;
}

}  // namespace untrack
