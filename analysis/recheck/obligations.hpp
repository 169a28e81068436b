// The obligations O1 to O4 as docs/obligations.md says them, asked of boxes: each function returns
// all packets that break one. For the recheck of certificates; knows nothing of how a proof was
// found.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/recheck/flows.hpp"

namespace untrack::boxwise {

struct Breach {
  Path path{};
  BoxList packets;
  CtState original_state = CtState::new_;
  CtState rewritten_state = CtState::new_;
  std::string_view what;   // "begins a flow that was permitted, and is refused"
  bool is_certain = true;  // else it is not known that they break it, nor that they do not
};

// Both rulesets under one set of assumptions. Throws NotFollowed and TooLarge.
class Rulesets {
 public:
  Rulesets(BoxWalk& original, BoxWalk& rewritten, const Traffic& traffic,
           const Assumptions& assumptions);

  [[nodiscard]] std::vector<Breach> new_initiators();
  [[nodiscard]] std::vector<Breach> broken_flows();
  [[nodiscard]] std::vector<Breach> unjustified();
  [[nodiscard]] std::vector<Breach> half_untracked();
  [[nodiscard]] std::vector<Breach> untracked_but_bound();
  [[nodiscard]] bool leaves_some_untracked();
  // Whether flows of DCCP are permitted, whose checksum holds addresses.
  [[nodiscard]] bool permits_dccp();

  struct Exposed {
    std::string_view kind;  // as docs/exposure.md names it
    Path path{};
    BoxList packets;
  };
  [[nodiscard]] std::vector<Exposed> exposed();

 private:
  [[nodiscard]] bool has(Assumption id) const { return assumptions_.has(id); }
  [[nodiscard]] BoxList judged(Path path, BoxList packets) const;
  [[nodiscard]] BoxList newly_accepted(Path path);
  [[nodiscard]] BoxList own_direction(Path path);
  [[nodiscard]] BoxList reject_answers(Path path);
  [[nodiscard]] bool has_fragments(Path path) const;
  [[nodiscard]] BoxList lonely(Path path);
  [[nodiscard]] BoxList tracked_otherwise(Path path);
  [[nodiscard]] BoxList untracked_on(Path path);
  void add(std::vector<Breach>& all, Breach breach) const;
  void add_lost_later(std::vector<Breach>& all, Path path, const BoxList& packets,
                      std::string_view what, const BoxList& as_before = {});
  void add_lost_as_before(std::vector<Breach>& all, Path path, const BoxList& as_before);
  void add_lost_by_halves(std::vector<Breach>& all, Path path);
  void add_lost_unseen_errors(std::vector<Breach>& all, Path path, const BoxList& needed);
  void add_one_way(std::vector<Breach>& all);
  // In side_work.cpp:
  void add_side_work(std::vector<Breach>& all, bool is_proxy);
  void add_reordered_entries(std::vector<Breach>& all);
  // In entries.cpp:
  void add_lost_bindings(std::vector<Breach>& all);
  void add_answers_refused_early(std::vector<Breach>& all);
  void add_parted_fragments(std::vector<Breach>& all);
  void add_fragments_asked_for(std::vector<Breach>& all);
  void add_lost_never_tracked(std::vector<Breach>& all, Path path);
  void add_open_marks(std::vector<Breach>& all);
  void add_worked_on_alone(std::vector<Breach>& all, PermittedFlows& own, PermittedFlows& others);
  void add_lost_expected(std::vector<Breach>& all);
  void add_lost_translated(std::vector<Breach>& all);
  void add_untracked(std::vector<Breach>& all, Path path, const BoxList& packets,
                     const std::vector<NatStatement>& translations);
  [[nodiscard]] BoxList answers_on_wire(const BoxList& clients, const NatStatement& nat,
                                        bool is_source, Path path) const;
  void add_fragments(std::vector<Breach>& all, Path path, const BoxList& packets);

  BoxWalk& old_;
  BoxWalk& new_;
  const Traffic& traffic_;
  const Algebra& sets_;
  Assumptions assumptions_;
  PermittedFlows flows_;
  PermittedFlows now_;         // of the rewritten ruleset
  PermittedFlows answerable_;  // what a packet may be an answer to: flows from any port
  PermittedFlows any_;         // what a packet may be a part of, whoever began it
};

}  // namespace untrack::boxwise
