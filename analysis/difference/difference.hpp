// Difference: what two rulesets decide differently, in a few groups that a reviewer can read: the
// packets newly accepted and newly refused on each way, by connection state, each group named by
// the rules that decide it before and after, largest first, with a witness that the concrete walk
// confirms. Used by `diff`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/flows/witness.hpp"
#include "analysis/flows/world.hpp"

namespace untrack {

enum class ChangeKind : std::uint8_t {
  accepted,    // was refused
  refused,     // was accepted
  answered,    // was dropped in silence, is rejected with an answer
  unanswered,  // the other way round
  unknown,     // one of the decisions is not known
};
[[nodiscard]] std::string_view to_text(ChangeKind kind);

struct Change {
  ChangeKind kind{};
  Path path{};
  std::vector<CtState> states;      // empty: neither ruleset looks at the state
  std::vector<std::string> region;  // lines
  bool is_whole = true;             // false: the group holds more than its lines say
  Witness witness;
  double share = 0;  // of all packets of the way, as the engine weighs them: for sorting only
};

// Packets that conntrack looks at in one of the rulesets only.
struct TrackingChange {
  Path path{};
  bool is_untracked_now = false;
  std::vector<std::string> region;
};

// First packets of flows that make an entry of conntrack's table under one of the rulesets only:
// NEW, tracked and accepted for certain on their way. Flows that a helper expects are left out.
struct EntryChange {
  Path path{};
  bool is_made_now = false;
  std::vector<std::string> region;
  bool is_whole = true;  // false: there are more than the lines say
};

// What rules do to a packet beside deciding it, in one of the rulesets only, or elsewhere in the
// order in which rules fill and ask something.
struct WorkChange {
  Path path{};
  std::string what;  // "met "DNAT --to-destination 10.0.0.1", and does not", of the packet
  Packet packet;     // one of those, as it is where the rule stands
};

struct Difference {
  IpVersion version{};
  // The same decision for every packet, state and free condition, and the same is done besides.
  bool is_equivalent = false;
  std::vector<Change> changes;  // by path, then kind, then share
  std::vector<TrackingChange> tracking;
  std::vector<EntryChange> entries;  // by path; a ruleset that does not track makes none
  std::vector<WorkChange> work;      // what rules do beside deciding packets; by kind, then path
  bool is_work_compared = true;      // false: the limit of the analysis was reached there
  bool is_complete = true;           // false: there are more groups, or more work, than these
};

// `world` holds the old ruleset as program 0 and the new one as program 1. Throws BudgetExhausted.
// A witness that the concrete walk does not confirm is a fault of this program: std::logic_error.
[[nodiscard]] Difference difference(World& world);

}  // namespace untrack
