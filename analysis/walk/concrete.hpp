// The concrete walk: what becomes of one packet, rule by rule. The judge of the symbolic walk and
// of every witness, and what `explain` prints; plain code that can be read beside the kernel's
// (ip_tables.c ipt_do_table, nf_tables_core.c nft_do_chain), never optimised at that cost.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "analysis/packet/packet.hpp"
#include "analysis/program/program.hpp"
#include "analysis/walk/decision.hpp"
#include "model/ruleset.hpp"

namespace untrack {

// What a packet does not say.
struct Choices {
  std::vector<bool> free;  // by FreeId; a variable beyond the end is false
  // Where a statement leaves something open (a range of DNAT, the address of REDIRECT, a mark that
  // came from elsewhere): by index of the part in ruleset.parts. Absent: the first of the range;
  // for a REDIRECT, which goes to an address of the interface, the packet's own destination.
  std::unordered_map<std::uint32_t, Number> addresses;
  std::unordered_map<std::uint32_t, Number> ports;
  std::unordered_map<std::uint32_t, std::uint32_t> marks;
  // What tests say that may turn out otherwise when they are asked again (Program), from the second
  // time on; absent: the same.
  std::unordered_map<std::uint32_t, bool> again;
  // Whether an ESTABLISHED packet goes the way of a flow that began under these rules, so that it
  // is translated as they translate it; else it keeps the addresses that it has.
  bool is_translated_as_first = false;

  [[nodiscard]] bool of(FreeId id) const { return id < free.size() && free[id]; }
  [[nodiscard]] bool said_again(std::uint32_t part, bool first) const {
    const auto at = again.find(part);
    return at == again.end() ? first : at->second;
  }
};

// Trace::guessed where a test asks for translated flows (--ctstate DNAT) behind a translation.
inline constexpr std::string_view guessed_status =
    "whether its flow counts as translated, and a rule on this way translates it";

// The same where a test was asked before on the way of the packet, and may say something else now.
inline constexpr std::string_view guessed_again =
    "what a condition says the second time that the packet comes to it";

// One rule that the packet met, or the policy of a chain.
struct TraceStep {
  std::size_t run = 0;  // index into program.runs(path)
  ChainId chain;        // where the rule stands
  RuleId rule;          // names nothing for a policy, or the end of a user chain
  bool matched = false;
  std::uint32_t failed_part = 0;       // of a rule that did not match: the test that was false
  std::vector<FreeId> asked;           // free variables whose values were used
  const Statement* verdict = nullptr;  // what a verdict map of the rule gave
};

// Where a rule ahead of routing has a packet go: routing then looks at the new destination, and the
// way that was asked about may not be the one that it takes. The walk stays on that way all the
// same; led_on() (analysis/walk/led_on.hpp) says which it is.
struct Led {
  RuleId by;  // names nothing: no rule did
  Number address = 0;
  Number port = 0;
  bool is_here = false;  // REDIRECT: to an address of this host
};

struct Trace {
  std::vector<TraceStep> steps;
  Decision decision = Decision::accept;
  // The state that rules behind conntrack saw; none where the program does not track.
  std::optional<CtState> state;
  bool is_untracked = false;  // a NOTRACK rule in time, or never tracked (IPv6 neighbour discovery)
  RuleId decided_by;  // the rule that dropped it, or that accepted it in the last base chain
                      // with rules that filter; nothing if a policy did, see decided_in
  ChainId decided_in;
  bool is_translated = false;  // met a NAT statement
  Led led;
  // A test asked what cannot be known here: a mark that the connection keeps, where REDIRECT leads,
  // whether a translation on this way counts as one. Empty: none did.
  std::string_view guessed;
  // There are more rules on its way, or chains within each other, than are followed: the decision
  // is unknown.
  bool is_cut = false;
  Packet at_end;  // as it is after the last hook: marks and addresses as changed
};

// Whether an accept in this base chain can be what decides a packet of the way, or only lets it go
// on to the chains that filter: those of NAT, and in front of and behind routing, do the latter.
[[nodiscard]] inline bool filters(const Run& run, Path path) {
  return !run.is_nat && run.hook != Hook::prerouting &&
         (run.hook != Hook::postrouting || path == Path::in);
}

// Follows the packet. Bounded: past a million rules, or 500 chains within each other, it gives up
// (Trace::is_cut).
[[nodiscard]] Trace walk(const Program& program, const Packet& packet, const Choices& choices);

// Knows of long chains which rules a packet can match at all (analysis/local/rules_by_packet.hpp).
class RulesToMeet {
 public:
  RulesToMeet() = default;
  RulesToMeet(const RulesToMeet&) = delete;
  RulesToMeet& operator=(const RulesToMeet&) = delete;
  virtual ~RulesToMeet() = default;

  // Into `rules` those of the chain that the packet may match, in their order; all others do not.
  // False: any may. Addresses, ports and interfaces are as they are when the packet enters.
  virtual bool rules_of(ChainId chain, const Packet& packet, std::vector<RuleId>& rules) = 0;
};

// The same for many packets and long chains; the rules that cannot match are no steps of the trace.
[[nodiscard]] Trace walk(const Program& program, const Packet& packet, const Choices& choices,
                         RulesToMeet& to_meet);

}  // namespace untrack
