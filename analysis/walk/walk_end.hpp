// WalkEnd: what a rule does with a packet, or a chain, in the concrete walk.
#pragma once

#include <cstdint>

#include "model/ruleset.hpp"

namespace untrack {

// `next`: the rule behind it, or behind what called the chain; `leave`: RETURN, and what comes back
// from a goto, which no chain ends with.
enum class WalkEnd : std::uint8_t { next, leave, accept, drop, reject };

[[nodiscard]] inline WalkEnd end_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::accept:
      return WalkEnd::accept;
    case Verdict::drop:
    case Verdict::stolen:
    case Verdict::queue:
      return WalkEnd::drop;
    case Verdict::continue_:
      return WalkEnd::next;
    case Verdict::return_:
      return WalkEnd::leave;
  }
  return WalkEnd::drop;
}

}  // namespace untrack
