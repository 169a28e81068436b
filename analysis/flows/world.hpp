// World: one IP version of one or two rulesets in one diagram: the layout, the walks, and the sets
// of packets that conntrack distinguishes whatever the rules say (who can begin a flow, what
// answers one). Every claim about flows is computed here, by flows.hpp, obligations.hpp,
// difference.hpp.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "analysis/diagram/diagram.hpp"
#include "analysis/flows/assumptions.hpp"
#include "analysis/packet/layout.hpp"
#include "analysis/program/side_work.hpp"
#include "analysis/walk/concrete.hpp"
#include "analysis/walk/reach.hpp"
#include "analysis/walk/symbolic.hpp"

namespace untrack {

class World {
 public:
  // Of the programs, all of one IP version with shared FreeVariables. Tries the orders of variables
  // with growing budgets until the decisions of all ways are found, in large rulesets first the one
  // that is best for a sample of the rules; nullptr if the limits are reached with all of them.
  // What the assumptions name (ports, peers) and what `also` does can be told apart in it, beside
  // what the rules name. The orders `preferred` are the first to be tried.
  [[nodiscard]] static std::unique_ptr<World> make(std::span<const Program* const> programs,
                                                   const Assumptions& assumptions = {},
                                                   const DiagramLimits& limits = {},
                                                   const Distinctions& also = {},
                                                   std::span<const Order> preferred = {});
  // Of some rules of each program alone, by RuleId: the others match nothing in it. Nothing may be
  // put in the place of a program of such a world.
  [[nodiscard]] static std::unique_ptr<World> of_rules(std::span<const Program* const> programs,
                                                       std::span<const RuleSet> rules);
  // The orders to try first for an original and what is rewritten of it: in large ones answers are
  // told from requests before addresses are, or every pair of hosts is a case of its own.
  [[nodiscard]] static std::span<const Order> orders_for(const Ruleset& original);

  // Puts another program in the place of the second, as far as the variables that there are tell
  // apart all that it asks: what is known of the first stays known. False: they do not, or a limit
  // was reached. Then, and once it is taken away, nothing may be asked of a second; it has to live
  // until then.
  [[nodiscard]] bool put_second(const Program& program);
  void take_second_away();

  [[nodiscard]] Diagram& diagram() { return *diagram_; }
  [[nodiscard]] const Layout& layout() const { return *layout_; }
  [[nodiscard]] SymbolicWalk& walk(std::size_t program) { return *walks_[program]; }
  // How the concrete walk is to follow packets through a program; `rules` is to outlive this. None
  // (nullptr): rule by rule.
  void meet_by(std::size_t program, RulesToMeet* rules) { to_meet_[program] = rules; }
  [[nodiscard]] RulesToMeet* to_meet(std::size_t program) const { return to_meet_[program]; }
  [[nodiscard]] IpVersion version() const { return layout_->version(); }

  // What the program decides in one of these ways, named in the order of Decision, for packets
  // whose state conntrack would call `state`; NOTRACK rules in time make them UNTRACKED all the
  // same.
  [[nodiscard]] Ref decided(std::size_t program, Path path, CtState state,
                            std::initializer_list<Decision> decisions);
  // What the rules of both programs do beside deciding, proxies and memories: asked for again and
  // again, and found once.
  [[nodiscard]] const SideWorkOfBoth& side_work();
  // Accepts for certain; accepts, or it is not known.
  [[nodiscard]] Ref accepts(std::size_t program, Path path, CtState state);
  [[nodiscard]] Ref may_accept(std::size_t program, Path path, CtState state);
  // The packets of the way that conntrack does not look at. No state.
  [[nodiscard]] Ref untracked(std::size_t program, Path path);
  // Interfaces and addresses fit the way in all programs, whether whole or a fragment. No state.
  [[nodiscard]] Ref on_way(Path path);

  // Sets of packets; none of them speaks of the state.
  [[nodiscard]] Ref protocol(std::uint8_t number);
  [[nodiscard]] Ref range(Field field, const Interval& values);
  // Whose field is in one of the ranges for certain: what the rules do not tell from values outside
  // of them is left out.
  [[nodiscard]] Ref certainly_in(Field field, std::span<const Interval> ranges);
  // From multicast and broadcast addresses, as far as the rules tell these from others.
  [[nodiscard]] Ref from_groups();
  [[nodiscard]] Ref flags(std::uint8_t mask, std::uint8_t value);  // of TCP packets
  [[nodiscard]] Ref icmp_types(std::span<const std::uint8_t> types);
  [[nodiscard]] Ref loopback(Path path);
  [[nodiscard]] Ref later_fragments() { return range(Field::later_fragment, {1, 1}); }
  // Packets that can begin a flow. TCP: SYN without ACK, RST and FIN; with `midstream` also an ACK
  // that tcp_loose picks up. ICMP: queries (with `all_queries` not only echo). Anything else: any.
  [[nodiscard]] Ref initiators(bool midstream, bool all_queries);
  // Those that tell by themselves that they begin one: TCP; SCTP and DCCP, of which the chunk or
  // type is not looked at, count whole.
  [[nodiscard]] Ref telling_initiators();
  // Packets that can go on a flow in its first direction, and those that can answer one.
  [[nodiscard]] Ref continuations();
  [[nodiscard]] Ref replies();
  // ICMP errors that a working network needs: unreachable (path MTU among them), time exceeded,
  // parameter problem. All that conntrack relates: source quench and redirect, too.
  [[nodiscard]] Ref errors();
  [[nodiscard]] Ref related_errors();
  // TCP flags that a stack sends (tcp_valid_flags, nf_conntrack_proto_tcp.c, 6.1).
  [[nodiscard]] Ref valid_flags();
  // What conntrack calls a packet that no flow stands behind: NEW or INVALID, with tcp_loose=1.
  [[nodiscard]] Ref can_be_new();
  [[nodiscard]] Ref can_be_invalid();

  // A set of packets as a set of flows in that direction: what differs from packet to packet
  // (flags, fragment, length, marks, state, conditions of one packet) is forgotten.
  [[nodiscard]] Ref flow_of(Ref packets);
  // Flows of one way as those of its answers: addresses, ports, interfaces change places, ICMP
  // requests become replies.
  [[nodiscard]] Ref mirrored(Ref flows);
  // The flows some of whose answers, as mirrored() has them, are in the set: with it, many flows
  // are asked about at the price of one mirror.
  [[nodiscard]] Ref asking_for(Ref answers);
  // From flows to the errors about them that come from anywhere on the other side: only the
  // destination and the interfaces of their answers matter.
  [[nodiscard]] Ref errors_to_source(Ref flows);
  using FlowsOfWay = std::function<Ref(Path)>;
  // The errors of a way that flows give rise to: those that come back from behind, those that go on
  // to the destination about its answers, and what a router sends itself about what it forwards
  // (RFC 1812, 4.3: fragmentation needed, time exceeded), to either end.
  [[nodiscard]] Ref errors_about(Path path, const FlowsOfWay& flows);
  // The flows about which some of the errors go to their source, as errors_to_source() has them.
  [[nodiscard]] Ref asking_for_errors(Ref errors);
  // And those that go the way of the flow itself, to its destination.
  [[nodiscard]] Ref errors_to_destination(Ref flows);

 private:
  World() = default;
  // With one order; nullptr if the budget ends before the decisions are found.
  [[nodiscard]] static std::unique_ptr<World> in_order(std::span<const Program* const> programs,
                                                       const Distinctions& apart, Order order,
                                                       const DiagramLimits& limits,
                                                       std::span<const RuleSet> rules = {});
  [[nodiscard]] static Distinctions distinctions(IpVersion version, const Assumptions& assumptions);
  [[nodiscard]] std::vector<bool> packet_levels() const;
  [[nodiscard]] std::vector<bool> one_sided_levels() const;
  [[nodiscard]] Ref turned(Ref two_sided);
  [[nodiscard]] std::vector<bool> levels(std::span<const Field> fields) const;
  // The sets below that are the same whatever the rules say, each with its parameters: made once.
  enum class Known : std::uint32_t {
    on_way,
    protocol,
    flags,
    initiators,
    telling_initiators,
    continuations,
    replies,
    errors,
    related_errors,
    valid_flags,
    can_be_new,
    can_be_invalid
  };
  template <class Make>
  Ref once(Known what, std::uint32_t parameters, Make&& make) {
    const std::uint32_t key = static_cast<std::uint32_t>(what) << 16U | parameters;
    if (const auto at = known_.find(key); at != known_.end()) return at->second;
    // Kept only when it is whole: a limit may be reached on the way.
    const Ref made = make();
    known_.emplace(key, made);
    return made;
  }

  std::unique_ptr<Layout> layout_;
  std::unique_ptr<Diagram> diagram_;
  std::vector<RuleSet> rules_;  // of each program, where they are not all
  std::vector<std::unique_ptr<SymbolicWalk>> walks_;
  std::shared_ptr<RunReaches> reaches_;  // of the walks
  std::array<RulesToMeet*, 2> to_meet_{};
  Distinctions apart_;
  Order order_{};
  std::unordered_map<std::uint32_t, Ref> known_;
  std::optional<SideWorkOfBoth> side_work_;
};

}  // namespace untrack
