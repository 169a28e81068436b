// The symbolic walk: what becomes of all packets at once. decide() gives the decision as a function
// of the packet as it enters its way; the concrete walk is its judge. Chains are summarised once
// for each view and composed, so that the work does not grow with the number of ways that lead to a
// chain (docs/decisions).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "analysis/encode/encode.hpp"
#include "analysis/walk/decision.hpp"
#include "analysis/walk/effects.hpp"

namespace untrack {

// A chain as a tree of halves: functions[0] has one function a rule, and an entry of a level is
// two neighbours of the level below, one after the other (the last may be single). Functions have
// values of SymbolicWalk::outcomes(); a chain without rules has no levels.
struct ChainTree {
  std::vector<std::vector<Ref>> functions;
  // Packets, as they come to the entry, that match one of its rules or may: made when asked for.
  std::vector<std::vector<Ref>> touched;
};

class RunReaches;

class SymbolicWalk {
 public:
  // All are to outlive the walk. Operations throw BudgetExhausted (analysis/diagram/diagram.hpp);
  // what one of them has begun is forgotten then. `only`: a walk over a sample, in which the rules
  // that are not marked, by RuleId, match nothing; it takes no longer than these few would alone.
  SymbolicWalk(const Program& program, const Layout& layout, Diagram& diagram,
               const std::vector<bool>* only = nullptr);

  // The Decision of every packet of a way, as the value of its number. The variable of the state
  // stands for what conntrack says if no NOTRACK came in time; UNTRACKED is no such state, and
  // packets with it are `elsewhere`, like those whose interfaces do not fit the way.
  [[nodiscard]] Ref decide(Path path);
  // The packets that are untracked when conntrack looks (NOTRACK in time, or never tracked), among
  // those that get there.
  [[nodiscard]] Ref untracked(Path path);

  // The packets that the way can have: interfaces, state, and where routing leads.
  [[nodiscard]] Ref possible(Path path);

  // How a chain ends for each packet that enters it: a function with values of outcomes().
  [[nodiscard]] Ref summary(ChainId chain, const View& view);
  // The same in halves. The reference holds as long as the walk.
  [[nodiscard]] const ChainTree& tree(ChainId chain, const View& view);
  // With the sets of what is touched.
  [[nodiscard]] const ChainTree& touched_tree(ChainId chain, const View& view);
  // The chain with all that is called from it, each behind what it calls (model/jumps.hpp).
  [[nodiscard]] std::vector<ChainId> called_first(ChainId chain) const;
  // The jump or goto that a part is, or nullptr.
  [[nodiscard]] const JumpStatement* jump_of(std::uint32_t part) const;
  [[nodiscard]] Outcomes& outcomes() { return outcomes_; }
  [[nodiscard]] Encoder& encoder() { return encoder_; }
  [[nodiscard]] Diagram& diagram() { return diagram_; }
  [[nodiscard]] const Layout& layout() const { return layout_; }
  [[nodiscard]] const Program& program() const { return program_; }

  [[nodiscard]] bool is_of_some_rules() const { return only_ != nullptr; }
  // Statements that leave the mark open set this one from here on: before anything is asked.
  void choose_mark(std::uint32_t mark) { open_mark_ = mark; }

  // What reach() keeps for the next question; walks of one diagram may share it.
  void share(std::shared_ptr<RunReaches> reaches) { run_reaches_ = std::move(reaches); }

  // The view of a base chain, but for what has come in over loopback ahead of conntrack (is_seen).
  [[nodiscard]] View view_of(Path path, const Run& run) const;
  // The packets for which part `part`, a Match, is true there, those over loopback among them.
  [[nodiscard]] Ref where_true(std::uint32_t part, Path path, const Run& run);
  // What a statement does to a packet and lets it go on with; none if it does nothing or does not
  // let it go on (verdicts, jumps). Of a test: that its outcome, which is known then, will not be
  // the same when the packet comes to it again, where that may be so.
  [[nodiscard]] Effects effects_of(std::uint32_t part, const View& view) const;
  // Some statement in the chain, or in what it calls, leaves open what it sets. Summaries of such
  // chains end `unknown` where only the rest of the way could tell whether it matters.
  [[nodiscard]] bool is_open(ChainId chain, const View& view);
  // The variables that some statement of the program may set, by level.
  [[nodiscard]] const std::vector<bool>& changed_levels();
  // f of the packet as the effects leave it.
  [[nodiscard]] Ref through(const Effects& effects, Ref f);
  // Those of the chain that the walk is about, in their order.
  [[nodiscard]] std::span<const RuleId> rules_of(ChainId chain) const {
    if (only_ != nullptr) return kept_[chain.index()];
    return program_.ruleset()[chain].rules;
  }

 private:
  friend class ReachWalk;

  struct Key {
    ChainId chain;
    View view;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct MapPlace {
    std::uint32_t part = 0;
    View view;
    friend auto operator<=>(const MapPlace&, const MapPlace&) = default;
  };
  [[nodiscard]] ChainTree made_tree(ChainId chain, const View& view);
  [[nodiscard]] std::uint32_t parts_that_may_meet(const Rule& rule) const;
  [[nodiscard]] Ref rule_function(RuleId id, const View& view);
  [[nodiscard]] Ref statement_function(std::uint32_t part, const View& view, Ref rest);
  [[nodiscard]] Ref act(const Statement& statement, std::uint32_t part, const View& view, Ref rest);
  // The packets for which a verdict map has a verdict, one row for equal ones; the rows do not
  // overlap.
  struct MapBranch {
    Ref region = Diagram::no;
    const Statement* verdict = nullptr;
  };
  struct MapVerdicts {
    std::vector<MapBranch> rows;
    std::vector<std::uint32_t> of_element;  // its row
    std::optional<std::uint32_t> of_rest;   // of what no element has
    bool has_regions = false;
    Ref whole = Diagram::no;  // all regions together
  };
  // References hold as long as the walk. Without regions; and with them.
  [[nodiscard]] MapVerdicts& verdicts_of(const MapLookup& map, std::uint32_t part,
                                         const View& view);
  [[nodiscard]] const MapVerdicts& branches(const MapLookup& map, std::uint32_t part,
                                            const View& view);
  void find_regions(MapVerdicts& found, const MapLookup& map, std::uint32_t part, const View& view);
  [[nodiscard]] Ref map_otherwise(const MapLookup& map, const View& view);
  [[nodiscard]] Ref look_up(const MapLookup& map, std::uint32_t part, const View& view, Ref rest);
  [[nodiscard]] Ref leaf(End end, const Effects& effects = {});
  // f with its ends of one kind replaced by g, as their effects leave the packet.
  [[nodiscard]] Ref then(Ref f, End replaced, Ref g);
  [[nodiscard]] Ref behind(const Effects& effects, Ref g);
  // f with the ends of one kind turned into another.
  [[nodiscard]] Ref turned(Ref f, std::span<const std::pair<End, End>> turns);
  void compose(ChainTree& tree);
  [[nodiscard]] Ref asked_first(RuleId id, const View& view);
  // The way behind conntrack, as a function of the packet when conntrack has seen it.
  [[nodiscard]] Ref behind_conntrack(Path path);
  // What comes of a packet that leaves a chain, by how it does: functions of decisions.
  struct Exits {
    Ref next = Diagram::no;
    Ref back = Diagram::no;
    Ref accept = Diagram::no;
  };
  // What comes of a packet that enters an open chain.
  [[nodiscard]] Ref continued(ChainId chain, const View& view, const Exits& to, std::size_t depth);
  [[nodiscard]] Ref continued_rule(RuleId id, const View& view, const Exits& to, std::size_t depth);
  [[nodiscard]] Ref sent_on(Ref function, const Exits& to);
  [[nodiscard]] bool is_open_rule(RuleId id, const View& view);
  // `after` in front of which the runs before conntrack are put.
  [[nodiscard]] Ref from_entry(Path path, Ref after, bool is_seen);
  [[nodiscard]] Ref at_run(Path path, const Run& run, Ref after, bool is_seen);
  [[nodiscard]] Ref set_state(Ref f, CtState state);
  [[nodiscard]] Ref leads_here(Path path);
  // What goes on to the hooks behind routing.
  [[nodiscard]] Ref fits_route(Path path);
  [[nodiscard]] Ref seen_untracked();
  [[nodiscard]] Ref meets_nat(Path path);
  [[nodiscard]] Ref never_tracked();
  [[nodiscard]] Ref is_on_loopback(Path path);
  [[nodiscard]] Ref enter(Path path, Ref function);
  // f of a packet that no CT target has met.
  [[nodiscard]] Ref without_template(Ref function);

  const Program& program_;
  const Layout& layout_;
  Diagram& diagram_;
  Encoder encoder_;
  Outcomes outcomes_;
  const std::vector<bool>* only_;
  std::vector<std::vector<RuleId>> kept_;  // by ChainId, where there is `only`
  std::map<Key, ChainTree> trees_;         // whole ones alone
  std::map<Key, ChainTree> begun_;         // stand for what a loop comes back to
  std::map<MapPlace, MapVerdicts> maps_;
  std::shared_ptr<RunReaches> run_reaches_;
  std::vector<bool> changed_levels_;  // empty: nobody has asked
  std::map<Key, bool> open_;
  std::optional<std::uint32_t> open_mark_;  // none: any
  std::size_t continuations_ = 0;           // of the run that is under way
  std::array<std::optional<Ref>, 3> decisions_;
  std::array<std::optional<Ref>, 3> untracked_;
};

}  // namespace untrack
