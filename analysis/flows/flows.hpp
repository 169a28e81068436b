// Flows: what one ruleset permits, as flows with two directions, and what untracking each class of
// them would take: docs/flows.md. Used by `audit` for the table of flow classes, by the obligations
// for what a rewrite must keep.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/finding.hpp"
#include "analysis/flows/world.hpp"
#include "analysis/walk/reach.hpp"
#include "model/outbound_profile.hpp"

namespace untrack {

// What untracked packets can do that tracked ones could not: the names of docs/exposure.md.
enum class ExposureKind : std::uint8_t {
  stray_segments,  // TCP that begins nothing, to a service that is open anyway
  ack_scan,        // TCP with ACK that no connection stands behind, to where answers go
  rst,             // TCP resets, likewise
  odd_flags,       // TCP flags that no stack sends
  udp_reply_port,  // UDP from the port of a service to where its answers go
  echo_reply,      // ICMP replies that nobody asked for
  icmp_error,      // ICMP errors about flows that need not exist
  fragments,       // later fragments, which have no ports
  other_reply,     // other protocols, in the direction of answers
  continuation,    // not TCP: packets like those that go on a permitted flow
  loopback,        // traffic on lo
  unjustified,     // nothing that was permitted explains it
};
[[nodiscard]] std::string_view to_text(ExposureKind kind);  // "ack-scan", as in JSON
// Every kind that a rewrite can list, in that order; `unjustified` is none of them.
[[nodiscard]] std::span<const ExposureKind> listed_exposure();
[[nodiscard]] std::optional<ExposureKind> exposure_kind_of(std::string_view word);
[[nodiscard]] std::string_view description(ExposureKind kind);  // half a sentence
// The receiver's stack answers or discards it, and nothing is reached that was not open: a class
// whose untracking exposes no more than this is free (docs/decisions).
[[nodiscard]] bool is_harmless(ExposureKind kind);

// A rule whose work rests on the entry: NAT, a helper, a count, a mark in the entry.
struct BoundRule {
  RuleId rule;
  ConstructId construct;
  Path path{};
  Ref packets;  // that come to it with its other tests true, as they are there
  Ref flows;
  std::size_t run = 0;  // of the program's on that way
};

// The flows that one rule, or the policy of one chain, admits on one way.
struct FlowClass {
  Path path{};
  RuleId rule;    // names nothing: a policy did
  ChainId chain;  // where the rule stands; whose policy; names nothing: no chain refuses anything
  Ref flows;
  Need need{};
  std::vector<ExposureKind> exposure;  // in the order of the enumeration
  std::optional<BoundRule> bound_by;
};

class Flows {
 public:
  // Of program `program` of the world. Operations throw BudgetExhausted.
  Flows(World& world, std::size_t program, const Assumptions& assumptions);
  // For proofs: what comes to rules is found exactly, or a limit is reached (ReachQuestion).
  void be_exact() { is_exact_ = true; }

  // First packets that are accepted as NEW (or UNTRACKED, where NOTRACK comes in time); `certain`:
  // not those of which it is not known.
  [[nodiscard]] Ref permitted(Path path);
  // As flows, see World::flow_of.
  [[nodiscard]] Ref flows(Path path);
  // Packets on the way that go on a permitted flow, answer one, are an ICMP error about one.
  // Nothing answers from a multicast or broadcast address: such packets are dropped where they are
  // routed (ip_route_input_slow, ip_mc_validate_source, ip6_rcv_core, and
  // ip_route_output_key_hash_rcu for what this host sends, 6.1; measured).
  [[nodiscard]] Ref continuing(Path path);
  [[nodiscard]] Ref answering(Path path);
  [[nodiscard]] Ref errors(Path path);
  // Packets that look like the first of a flow, in those outcomes of rates and counts in which they
  // are refused as that, while they pass in others; as far as rate_per_packet and rate_per_datagram
  // assume it.
  [[nodiscard]] Ref refused_by_rate(Path path);
  // Datagrams that begin a flow only within some rate or count: a later one passes whatever the
  // rate says, and nothing in it tells which it is. Nothing with the assumption rate_per_datagram.
  [[nodiscard]] Ref tied_to_rates(Path path);
  // Of such flows, the first rule with that rate (it names nothing where it is not found); none:
  // the flows have none.
  [[nodiscard]] std::optional<BoundRule> rate_of(Path path, Ref flows);
  // What REJECT in INPUT and FORWARD makes this host send, on its way out: resets, ICMP errors.
  [[nodiscard]] Ref reject_resets();
  [[nodiscard]] Ref reject_errors();
  // First packets of what a helper expects, which are RELATED; nothing where no rule assigns one
  // to flows that are permitted, or with the assumption helpers_unused.
  [[nodiscard]] Ref expected(Path path);
  // The outcomes in which no `-m helper` holds, with the assumption helpers_unused; else all.
  [[nodiscard]] Ref helpers_idle();
  // Any packet with the addresses and ports of an answer.
  [[nodiscard]] Ref answer_direction(Path path);

  // Packets whose source port, whose protocol, the assumptions allow to whoever begins a flow.
  [[nodiscard]] Ref assumed_sources(Path path);
  [[nodiscard]] Ref assumed_protocols(Path path);
  // First packets that this host is assumed to send: all, but for the assumption outbound_profile.
  [[nodiscard]] Ref assumed_to_start(Path path);
  // UDP to ports of this host that its rules name as those of services, service_ports.hpp: no
  // answer of a client goes there, but what --outbound lists from there. Nothing without that
  // assumption.
  [[nodiscard]] Ref to_services();
  // Packets of the lines of its list; of one line. Nothing without a list.
  [[nodiscard]] Ref listed();
  [[nodiscard]] Ref listed(const OutboundFlow& flow);

  // Accepted in every state that a packet can have with no permitted flow behind it; in some.
  [[nodiscard]] Ref accepts_stateless(Path path);
  [[nodiscard]] Ref may_accept_stateless(Path path);

  [[nodiscard]] const std::vector<BoundRule>& bound_rules();
  // The classes in the order of the text, policies behind the rules of their chain.
  [[nodiscard]] const std::vector<FlowClass>& classes();
  // A few lines that say which flows a class has.
  [[nodiscard]] std::vector<std::string> summary_of(const FlowClass& flow_class);
  // Some flows of a class, judged apart from the others.
  [[nodiscard]] FlowClass narrowed(const FlowClass& whole, Ref flows);
  // Reach of first packets.
  [[nodiscard]] const PathReach& reach_of_first(Path path);
  // The base chain in which a way is decided: the last one that can refuse, nat chains aside.
  [[nodiscard]] std::optional<std::size_t> deciding_run(Path path) const;
  // No chain decides about the way, and it is known that there is none: what is given is of nft, in
  // which a chain that is not there accepts, and decides about other ways.
  [[nodiscard]] bool is_open(Path path) const;
  [[nodiscard]] const Assumptions& assumptions() const { return assumptions_; }
  [[nodiscard]] std::size_t program_index() const { return program_; }
  [[nodiscard]] const Program& program() { return world_.walk(program_).program(); }

 private:
  [[nodiscard]] Ref datagrams();
  // As refused_by_rate(), whatever is assumed.
  [[nodiscard]] Ref refused_at_times(Path path);
  // What of the flows of a way no accept without a test of the state lets pass.
  struct Refused {
    Ref unanswered;  // flows some of whose answers are refused
    Ref stray;       // flows of which later packets are
    Ref error_gap;   // flows some of whose errors, to their source, are
  };
  // What goes without saying of the flows of a way.
  struct Usual {
    Ref sources;     // that the assumptions allow
    Ref leads_here;  // where routing leads
  };
  struct Memo {
    std::optional<Ref> refused_at_times;
    std::optional<Ref> permitted, flows, errors, answer_direction, accepts, may_accept;
    std::optional<Refused> refused;
    std::optional<Usual> usual;
    std::optional<PathReach> reach, naming;
  };
  [[nodiscard]] Memo& memo(Path path) { return memos_[static_cast<std::size_t>(path)]; }
  [[nodiscard]] Ref first_packets();
  [[nodiscard]] Ref untranslated();
  [[nodiscard]] const PathReach& reach_of_naming(Path path);
  [[nodiscard]] Ref listed_with_source();
  [[nodiscard]] Ref from_service_ports();
  [[nodiscard]] Ref naming_few_sources(Ref within);
  [[nodiscard]] Ref rejected(Path path, bool by_reset);
  [[nodiscard]] Ref stateless(Path path, bool certain);
  template <class MayBeIn>
  [[nodiscard]] Ref matching_rules_with(Path path, std::span<const Field> fields, Ref within,
                                        MayBeIn&& may_be_in);
  void find_bound_rules(Path path, std::vector<BoundRule>& found);
  [[nodiscard]] Ref said(Ref flows, const Usual& usual);
  [[nodiscard]] const Usual& usual(Path path);
  [[nodiscard]] std::vector<FlowClass> find_classes();
  [[nodiscard]] const Refused& refused_without_state(Path path);
  void judge(FlowClass& flow_class);
  [[nodiscard]] std::vector<Interval> forwarded_destinations();
  [[nodiscard]] Ref as_translated(Ref flows, const NatStatement& nat, Path path);
  [[nodiscard]] const std::vector<Ref>& flows_of_bound();

  World& world_;
  std::size_t program_;
  Assumptions assumptions_;
  bool is_exact_ = false;
  std::array<Memo, 3> memos_;
  std::optional<Ref> reject_resets_;
  std::optional<Ref> reject_errors_;
  std::optional<std::vector<BoundRule>> bound_;
  std::optional<std::vector<Ref>> flows_of_bound_;
  std::optional<Ref> untranslated_;
  std::optional<std::vector<FlowClass>> classes_;
};

}  // namespace untrack
