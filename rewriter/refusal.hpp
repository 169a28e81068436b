// Refusal: why a ruleset, or a part of it, is not rewritten. Made by the planners, told by the
// reports; a refusal is an answer, so it names what stands in the way.
#pragma once

#include <string>

#include "model/ruleset.hpp"

namespace untrack {

struct Refusal {
  Span span;            // the words in the way; empty: the ruleset as a whole
  std::string reason;   // one sentence without a full stop
  std::string instead;  // what could be done, half a sentence; may be empty
};

}  // namespace untrack
