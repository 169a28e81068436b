// FlowFacts: what the symbolic walk knows of flows that a check can say of one rule: NOTRACK rules
// that break something, flows without a way back, rules that no flow needs. Computed once
// (find_flow_facts), read by the checks UT312 to UT316 and UT402. Only what is certain is in here,
// and every packet that is shown was judged by the concrete walk.
#pragma once

#include <string>
#include <vector>

#include "analysis/flows/family_world.hpp"
#include "analysis/packet/packet.hpp"
#include "model/ruleset.hpp"

namespace untrack {

// A NOTRACK rule takes packets whose flow something else needs the entry of.
struct NotrackOverlap {
  enum class Direction : std::uint8_t { forth, back, back_translated };
  IpVersion version{};
  RuleId notrack;
  RuleId bound;
  ConstructId construct;  // of the bound rule
  Direction direction{};  // of the packet within the flow
  std::string packet;     // to_text(Packet), and a remark if no host sends it
  bool is_sent = true;
};

// A packet that passes as long as it is tracked, and is refused because it is not.
struct UntrackedRefusal {
  IpVersion version{};
  RuleId notrack;
  RuleId accepted_by;  // if it were tracked; names nothing: a policy
  RuleId refused_by;   // names nothing: the policy of `refused_in`
  ChainId refused_in;
  bool is_answer = false;
  std::string packet;
};

// A packet that begins a flow and passes because it is untracked; as NEW it would be refused.
struct UntrackedBypass {
  IpVersion version{};
  RuleId notrack;
  RuleId accepted_by;
  RuleId refused_by;  // as NEW; names nothing: the policy of `refused_in`
  ChainId refused_in;
  // `refused_by` looks at where a packet comes from, or how many come, and the accept has more
  // conditions than the state.
  bool is_guard = false;
  std::string packet;
};

// Flows that are let through, of whose answers none is.
struct UnansweredFlows {
  // Whether they are of use without answers.
  enum class Use : std::uint8_t {
    none,       // TCP, ping, UDP services that are asked
    one_way,    // UDP services that may be told something
    datagrams,  // what the rule lets through is of any kind
  };
  IpVersion version{};
  Path path{};
  RuleId rule;    // that admits them; names nothing: the policy of `chain`
  ChainId chain;  // where the rule stands
  // One of the answers, and who refuses it; of very many such rules of the first ones alone, and
  // empty of the others.
  RuleId refused_by;
  ChainId refused_in;
  std::string answer;
  Use use{};
};

// Ports or ICMP types decide about packets that come in pieces, and the later pieces have neither.
struct LostFragments {
  IpVersion version{};
  Path path{};
  RuleId rule;  // the first that accepts packets whose later fragments are refused
  std::size_t more = 0;
};

struct FlowFacts {
  std::vector<NotrackOverlap> overlaps;
  std::vector<UntrackedRefusal> refusals;
  std::vector<UntrackedBypass> bypasses;
  std::vector<UnansweredFlows> unanswered;
  std::vector<RuleId> unused_established;  // accepts of ESTABLISHED that no flow can use
  std::vector<LostFragments> fragments;
};

// Adds what is known of one family; what was found before a limit, if one is
// reached (FamilyWorld::cut). Never throws BudgetExhausted.
void add_flow_facts(FamilyWorld& family, FlowFacts& facts);

}  // namespace untrack
