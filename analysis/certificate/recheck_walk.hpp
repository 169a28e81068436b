// Follows boxes of packets through a ruleset, as the concrete walk follows one packet: where a test
// is true of a part of a box alone, the box is cut there, and both pieces go on. For the recheck of
// certificates. Some of what comes out is tried with the concrete walk.
#pragma once

#include <functional>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "analysis/certificate/recheck_space.hpp"
#include "analysis/walk/decision.hpp"

namespace untrack::boxwise {

class BoxWalk {
 public:
  // Throws NotFollowed for what is not followed here. All are to outlive the walk.
  BoxWalk(const Program& program, const Space& space, Work& work);

  // The packets of a way, as their interfaces have to be; nothing is forwarded over loopback.
  [[nodiscard]] BoxList on_way(Path path) const;
  // What is accepted in a state; in all of these the packets are as they enter their way.
  [[nodiscard]] const BoxList& accepted(Path path, CtState state);
  // What conntrack does not look at, among what gets to it.
  [[nodiscard]] const BoxList& untracked(Path path);
  // The rules that `is_wanted`, with those packets of `start` for which all that a rule asks before
  // its last statement is true.
  using Matched = std::map<std::uint32_t, BoxList>;  // by the number of the rule
  [[nodiscard]] Matched matched(Path path, CtState state, const BoxList& start,
                                const std::function<bool(RuleId)>& is_wanted);

  [[nodiscard]] const Program& program() const { return program_; }
  // Packets that were tried with the concrete walk, which said the same.
  [[nodiscard]] std::size_t tried() const { return tried_; }

 private:
  struct Frame {
    const std::vector<RuleId>* rules = nullptr;
    std::size_t next = 0;
  };
  struct Item {
    Box box;
    std::vector<Frame> frames;
    std::size_t run = 0;  // index of runs(path)
    RuleId rule;
    std::uint32_t part = 0;  // of the rule, from 0
    bool is_in_chain = false;
    bool is_in_rule = false;
    bool knows_loopback = false;  // it was asked whether it comes in over lo
    bool is_seen = false;         // it does
    bool was_untracked = false;   // and went out so
    bool has_met = false;         // conntrack
    bool is_told = false;         // of untracked(): it was noted
    bool is_routed = false;
    bool notrack = false;
    bool is_untracked = false;
    CtState state = CtState::invalid;  // what conntrack says
    MarkChange mark;
  };
  enum class Step : std::uint8_t { on, over };

  using AskedKey = std::tuple<std::uint32_t, std::size_t, bool, CtState, MarkChange>;

  void follow(Path path, CtState state, const BoxList& start);
  [[nodiscard]] Step advance(Item& item);
  [[nodiscard]] Step between_chains(Item& item);
  [[nodiscard]] Step in_rule(Item& item);
  [[nodiscard]] Step act(Item& item, std::uint32_t part, const Statement& statement);
  [[nodiscard]] Step accept_here(Item& item);
  [[nodiscard]] Step meet_conntrack(Item& item);
  void note_untracked(Item& item);
  [[nodiscard]] Step end(Item& item, Decision decision);
  void next_part(Item& item);
  void leave_rule(Item& item);
  void note_match(Item& item);
  // Whether it is true of the packets of the item; those of which it is not the same wait.
  [[nodiscard]] bool ask(Item& item, const Asked& asked);
  [[nodiscard]] bool ask_free(Item& item, FreeId id);
  [[nodiscard]] Place place_of(const Item& item) const;
  [[nodiscard]] const Asked& asked_of(const Item& item, std::uint32_t part);
  [[nodiscard]] const Asked& asked_of(const Item& item, std::uint32_t part, const SetTest& key,
                                      std::size_t element);
  void refuse_what_is_not_followed() const;
  void try_some();

  const Program& program_;
  const Ruleset& ruleset_;
  const Space& space_;
  Work& work_;
  Algebra algebra_;
  Asked over_lo_;
  Asked is_later_fragment_;
  Asked never_tracked_;
  std::map<Path, Asked> fits_route_;
  std::map<Path, Asked> left_untracked_;  // what comes in over lo and went out so
  std::map<AskedKey, Asked> asked_;

  // Of the walk that is under way.
  Path path_{};
  CtState entering_ = CtState::invalid;
  std::vector<Item> waiting_;
  std::vector<std::pair<Box, Decision>> ends_;
  BoxList untracked_now_;
  const std::function<bool(RuleId)>* is_wanted_ = nullptr;
  Matched matched_;

  std::map<std::pair<Path, CtState>, BoxList> accepted_;
  std::map<Path, BoxList> untracked_;
  std::mt19937 dice_{20261128};
  std::size_t tried_ = 0;
};

}  // namespace untrack::boxwise
