// Witness: one packet that shows a claim, with what both rulesets decide about it. Made from a set
// of packets by the symbolic engine, and judged by the concrete walk before anybody sees it. Used
// by the obligations, the difference and the reports.
#pragma once

#include <span>
#include <vector>

#include "analysis/flows/world.hpp"
#include "analysis/packet/packet.hpp"
#include "analysis/walk/concrete.hpp"
#include "analysis/walk/decision.hpp"

namespace untrack {

// What decided a packet: a rule, or the policy of a base chain; neither: no chain with rules.
struct Decider {
  RuleId rule;
  ChainId chain;
  friend auto operator<=>(const Decider&, const Decider&) = default;
};

struct Witness {
  Packet packet;           // its state is the original's
  std::vector<bool> free;  // outcomes of conditions that no packet tells, by FreeId
  // The state in which each ruleset sees it, unless NOTRACK comes in time.
  CtState original_state = CtState::new_;
  CtState rewritten_state = CtState::new_;
  Decision before{};
  Decision after{};
  Decider decided_before;
  Decider decided_after;
  // Where DNAT leads it: not to this host, unless the address is one of its own.
  Led led_before;
  Led led_after;
};

// A packet of a non-empty set such as people meet, if there is one. Does not throw.
[[nodiscard]] Layout::Example example_of(World& world, Path path, Ref packets);

// A packet of a non-empty set, judged as the program sees it in these states. A decision of the
// symbolic walk that the concrete walk does not confirm is a fault of this program:
// std::logic_error.
[[nodiscard]] Witness witness_of(World& world, Path path, Ref packets, CtState original_state,
                                 CtState rewritten_state);

}  // namespace untrack
