// RuleEnd: what a rule does with a packet, or a chain, in the concrete walk.
#pragma once

#include <cstdint>

#include "model/ruleset.hpp"

namespace untrack {

// `next`: the rule behind it, or behind what called the chain; `leave`: RETURN, and what comes back
// from a goto, which no chain ends with.
enum class RuleEnd : std::uint8_t { next, leave, accept, drop, reject };

[[nodiscard]] inline RuleEnd end_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::accept:
      return RuleEnd::accept;
    case Verdict::drop:
    case Verdict::stolen:
    case Verdict::queue:
      return RuleEnd::drop;
    case Verdict::continue_:
      return RuleEnd::next;
    case Verdict::return_:
      return RuleEnd::leave;
  }
  return RuleEnd::drop;
}

}  // namespace untrack
