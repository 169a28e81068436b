// What the files behind FlowFacts share: the flows of a family, sets over all outcomes of what is
// not known, and a packet of a set as the concrete walk judges it. Private to flow_facts.cpp,
// notrack_facts.cpp and answer_facts.cpp.
#pragma once

#include <array>
#include <optional>

#include "analysis/flow_facts.hpp"
#include "analysis/flows/flows.hpp"
#include "analysis/walk/concrete.hpp"

namespace untrack {

class FlowSearch {
 public:
  FlowSearch(FamilyWorld& family, FlowFacts& facts);

  // NOTRACK rules; only if FamilyWorld::has_notrack.
  void find_overlaps();
  void find_refusals();
  void find_bypasses();
  // Any ruleset.
  void find_unanswered();
  void find_unused_established();
  void find_lost_fragments();

 private:
  // One packet, as it is and as if it were tracked.
  struct Judged {
    Packet packet;
    Trace as_it_is;
    Trace tracked;  // the same as `as_it_is` without NOTRACK rules
  };
  // In words, with a remark if no host sends it: people look for such a packet in vain.
  [[nodiscard]] static std::string shown(const Packet& packet);
  [[nodiscard]] static bool is_sent(const std::optional<Judged>& judged);
  // What a NOTRACK rule exempts of one way, and which direction its ports speak of.
  struct Exempt {
    RuleId rule;
    Ref packets;
    bool may_be_request = true;
    bool may_be_answer = true;
  };

  // Nothing if the set is empty, or the two walks disagree about the packet. Throws BudgetExhausted
  // when all of them together have met more rules than the family's limit of steps.
  [[nodiscard]] std::optional<Judged> judge(Path path, Ref packets, CtState state);
  [[nodiscard]] const std::vector<Exempt>& exempt(Path path);
  void find_exempt(Path path);
  [[nodiscard]] bool exempts(const Trace& trace, RuleId notrack) const;
  [[nodiscard]] RuleId exempting_rule(const Trace& trace) const;
  // In some outcome, in every outcome, of the conditions that no packet tells.
  [[nodiscard]] Ref in_some_outcome(Ref packets);
  [[nodiscard]] Ref in_every_outcome(Ref packets);
  [[nodiscard]] Ref any_state(Ref packets);
  // Flows that a client begins from a port that systems choose by themselves.
  [[nodiscard]] Ref client_flows(std::size_t program, Path path);
  [[nodiscard]] Ref client_ports();
  void overlaps_of(const BoundRule& bound);
  void add_overlap(const BoundRule& bound, Path path, Ref packets,
                   NotrackOverlap::Direction direction);
  void bypasses_of(Path path);
  [[nodiscard]] Ref guarded(Path path, Ref gained);
  [[nodiscard]] Ref answers_among(Ref packets, Ref flows);
  [[nodiscard]] Ref pings();
  [[nodiscard]] Ref to_ports_within(const Interval& range);
  [[nodiscard]] Ref asking();
  [[nodiscard]] Ref answered();
  // A packet that is refused, and by whom if it was followed rule by rule.
  struct Refusal {
    Packet packet;
    RuleId by;
    ChainId in;
    bool is_followed = false;
  };
  // Nothing if the packet that stands for the answers is not refused.
  [[nodiscard]] std::optional<Refusal> refusal_of(Path path, Ref answers);
  [[nodiscard]] bool translates(Path path);
  [[nodiscard]] const Ruleset& ruleset() const { return family_.program().ruleset(); }

  FamilyWorld& family_;
  FlowFacts& facts_;
  World& world_;
  Diagram& d_;
  std::size_t tracked_;   // the program without NOTRACK, if there is one
  Flows& flows_;          // as it is
  Flows& tracked_flows_;  // if all were tracked
  Flows& any_;            // as it is, without assumptions
  std::array<std::optional<std::vector<Exempt>>, 3> exempt_;
  std::optional<Ref> asking_;
  std::optional<Ref> answered_;
  std::size_t walked_ = 0;  // rules that packets have met
};

}  // namespace untrack
