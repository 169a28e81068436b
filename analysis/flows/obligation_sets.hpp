// The sets of packets behind the obligations: each function returns the packets that break one, or
// that are exposed. Parts of check_obligations(); apart so that the tests can look at them.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/certificate/certificate.hpp"
#include "analysis/flows/flows.hpp"

namespace untrack {

// Packets of one way that break an obligation; the states say how to show one.
enum class Shows : std::uint8_t {
  gained,   // accepted now, refused before
  lost,     // accepted before, refused now
  neither,  // the decision is not the point: tracking, translation
};

struct Violation {
  Path path{};
  Ref packets;
  CtState original_state = CtState::new_;
  CtState rewritten_state = CtState::new_;
  std::string what;  // "is accepted, and was refused as NEW"
  Shows shows = Shows::neither;
  bool is_certain = true;  // else it is not known that they break it, nor that they do not
};

// The original and the rewritten ruleset under one set of assumptions.
class Comparison {
 public:
  Comparison(World& world, const Assumptions& assumptions);

  // The first violation found, nothing if there is none.
  [[nodiscard]] std::optional<Violation> new_initiator();
  [[nodiscard]] std::optional<Violation> broken_flow();
  [[nodiscard]] std::optional<Violation> unjustified();
  [[nodiscard]] std::optional<Violation> half_untracked();
  [[nodiscard]] std::optional<Violation> untracked_but_bound();
  // Of some flows both rulesets leave the same direction, or some packets of it, untracked.
  [[nodiscard]] bool has_halves_as_before();
  // What was bound and has lost what it was bound to: NAT, a helper. Not certain: what is bound now
  // and was not.
  [[nodiscard]] std::optional<Violation> lost_binding();

  // What a helper expects: flows whose first packet is RELATED. Nothing with helpers_unused.
  [[nodiscard]] std::optional<Violation> lost_expected();
  // What passes as NEW or INVALID because the other direction of its flow goes another way, through
  // other hosts. Nothing with symmetric_paths.
  [[nodiscard]] std::optional<Violation> lost_one_way();

  // All that the rewrite accepts with no flow behind it, and the original does not; by kind.
  struct Exposed {
    ExposureKind kind{};
    Path path{};
    Ref packets;
    Ref shown;  // those of them that show it in `state`
    CtState state{};
    Ref entering;  // with every state that shows it, where that is asked for
  };
  [[nodiscard]] std::vector<Exposed> exposed(bool in_every_state = true);

  // Of the list of outbound_profile, the lines of which nothing is permitted.
  [[nodiscard]] std::vector<std::size_t> refused_outbound();
  // What answers a REJECT and left before, and does not now.
  [[nodiscard]] Ref lost_reject_answers();

  // Packets with the addresses and ports of an answer to what a client may have begun.
  [[nodiscard]] Ref answer_direction(Path path);

  [[nodiscard]] World& world() { return world_; }

 private:
  struct Shown {
    Ref packets;
    CtState state{};
    bool is_shown = false;
  };
  [[nodiscard]] std::optional<Violation> newly_open_marks();
  [[nodiscard]] std::optional<Violation> parted_fragments();
  [[nodiscard]] std::optional<Violation> fragments_asked_for();
  [[nodiscard]] std::optional<Violation> lost_never_tracked(Path path);
  // What is handed to a proxy now and was not, or no more; and, never certain, what fills what
  // rules ask: see side_work_changes.hpp.
  [[nodiscard]] std::optional<Violation> changed_proxy();
  [[nodiscard]] std::optional<Violation> changed_memory();
  [[nodiscard]] std::optional<Violation> reordered_entries();
  [[nodiscard]] Ref refused_early(std::size_t program, Path path);
  [[nodiscard]] std::optional<Violation> answers_refused_early();
  struct Worked {
    Ref certain = Diagram::no;
    Ref possible = Diagram::no;
  };
  [[nodiscard]] Worked worked_on_alone(Flows& own, const BoundRule& bound, ConstructId deed,
                                       Flows& others);
  [[nodiscard]] Violation at_rule(const BoundRule& bound, Ref packets, std::string what);
  [[nodiscard]] Shown showing(Path path, Ref packets);
  [[nodiscard]] std::vector<Shown> all_showing(Path path, Ref packets, bool first_alone = false);
  [[nodiscard]] Ref in_states(const std::vector<Shown>& shown);
  [[nodiscard]] Ref newly_accepted(Path path);
  [[nodiscard]] Ref own_direction(Path path);
  // Resets and errors that may answer a REJECT; what else has the same form and answers a flow from
  // any port is as good.
  [[nodiscard]] Ref reject_answers(Path path);
  [[nodiscard]] Ref in_parts(Ref packets);
  [[nodiscard]] Ref lost_fragments(Path path, std::span<const Ref> packets);
  [[nodiscard]] Ref lonely(Path path);
  // Of these flows alone.
  [[nodiscard]] std::optional<Violation> half_untracked(Path path, Ref among);
  // Packets of flows of which the rewrite leaves other packets untracked than the original does, in
  // one direction or both, and all over lo. What it does alike with all packets of a flow has the
  // same state in both.
  [[nodiscard]] Ref tracked_otherwise(Path path);
  // Later packets and answers that were accepted as ESTABLISHED and are refused; not `as_before`,
  // which are lonely in both.
  [[nodiscard]] std::optional<Violation> lost_later(Path path, Ref later, Ref answers,
                                                    std::string_view flow, Ref as_before);
  // Of those that are, what was accepted as ESTABLISHED, NEW or INVALID, and is refused as that.
  [[nodiscard]] std::optional<Violation> lost_as_before(Path path, Ref as_before);
  // Of refused packets, those of permitted flows that no rate of the original may have refused.
  [[nodiscard]] Ref lost_of_flows(Path path, Ref refused);
  // Of flows of which the original untracks the other direction alone, and the rewrite other
  // packets than it does: what was accepted as NEW or INVALID, and is refused.
  [[nodiscard]] std::optional<Violation> lost_by_halves(Path path);
  [[nodiscard]] std::optional<Violation> lost_unseen_error(Path path, Ref needed);
  // What goes to one address: no answer has a broadcast or multicast source.
  [[nodiscard]] Ref to_one_host();
  // What goes this way as it is: with no entry, nothing is translated back, and a packet goes where
  // its addresses lead.
  [[nodiscard]] Ref routed(Path path);
  [[nodiscard]] Ref untracked_on(Path path);
  [[nodiscard]] Ref answers_on_wire(Ref clients, const NatStatement& nat, bool is_source,
                                    Path path);
  [[nodiscard]] bool stops_reassembly() const;
  [[nodiscard]] bool has_fragments(Path path) const;
  [[nodiscard]] Ref judged(Path path, Ref packets);
  [[nodiscard]] bool has(Assumption id) { return old_.assumptions().has(id); }

  World& world_;
  Flows old_;
  Flows new_;
  // What a packet may be an answer to: flows from any port that a client can have, of any protocol.
  // Assumptions that say more narrow what must be kept, not what may be let in.
  Flows answerable_;
  // What a packet may be a part of: whoever begins a flow chooses his port.
  Flows any_;
  std::array<std::optional<Ref>, 3> answers_;
  std::array<std::optional<Ref>, 3> tracked_otherwise_;
};

}  // namespace untrack
