// Certificate: what has been proven of a rewrite, under which assumptions, and what it exposes: the
// obligations O1 to O5 of docs/obligations.md. A plain value; made by analysis/flows/obligations,
// printed by `verify` and `rewrite`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/certificate/claim.hpp"
#include "analysis/certificate/load_test.hpp"
#include "analysis/flows/assumptions.hpp"
#include "analysis/flows/flows.hpp"
#include "analysis/flows/witness.hpp"
#include "analysis/packet/packet.hpp"

namespace untrack {

struct Obligation {
  std::string_view id;    // "O1"
  std::string_view name;  // "no new initiator"
  Proof proof = Proof::not_checked;
  std::string explanation;  // one sentence, of this case
  std::optional<Witness> witness;
};

struct Exposure {
  ExposureKind kind{};
  Path path{};
  std::vector<std::string> region;  // lines
  Witness witness;
  std::vector<Decider> causes;   // rules and policies of the rewritten ruleset that accept it
  bool knows_all_causes = true;  // false: the limit of the analysis was reached
};

struct Certificate {
  IpVersion version{};
  RewriteMode mode{};
  std::vector<Assumption> assumptions;  // under which it was made
  std::vector<Obligation> obligations;  // O1 to O5
  std::vector<Exposure> exposure;
  // Lines of the list of the assumption outbound_profile that the original refuses to let out: by
  // their place in OutboundProfile::flows.
  std::vector<std::size_t> refused_outbound;
  // What answers a REJECT (a reset, an ICMP error) left before and does not now, in lines; whoever
  // is refused waits. No obligation speaks of it.
  std::vector<std::string> lost_reject_answers;
  // Marks, headers and copies of packets that the original lets pass: "in tcp ... met "MARK
  // --set-mark 1", and does not". No obligation speaks of them.
  std::vector<std::string> changed_packets;
  bool tracked_before = false;
  bool tracked_after = false;
  std::optional<LoadTest> load_test;  // none: no tool was asked
};

// With what the tools say, and O5 as it follows from that: failed if one refuses what it would take
// of the original, proven if others take it and none refuses both, else not checked.
void add_load_test(Certificate& certificate, LoadTest test);

// No obligation failed, and none that could be checked was left unchecked.
[[nodiscard]] bool holds(const Certificate& certificate);

}  // namespace untrack
