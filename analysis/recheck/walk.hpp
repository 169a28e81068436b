// Follows boxes of packets through a ruleset, as the concrete walk follows one packet: where a test
// is true of a part of a box alone, the box is cut there, and both pieces go on. What a statement
// sets (an address of DNAT, a mark) is kept beside the box, as the set of what it may be. For the
// recheck of certificates. Some of what comes out is tried with the concrete walk.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "analysis/recheck/space.hpp"
#include "analysis/walk/decision.hpp"

namespace untrack::boxwise {

class BoxWalk {
 public:
  // Throws NotFollowed for what is not followed here. All are to outlive the walk.
  BoxWalk(const Program& program, const Space& space, Work& work);

  // The packets of a way, as their interfaces have to be; nothing is forwarded over loopback.
  [[nodiscard]] BoxList on_way(Path path) const;
  // What is accepted in a state, whatever statements that leave something open choose (`accepts`),
  // or with some choice (`may_accept`); in all of these the packets are as they enter their way.
  [[nodiscard]] const BoxList& accepts(Path path, CtState state);
  [[nodiscard]] const BoxList& may_accept(Path path, CtState state);
  // What conntrack does not look at, among what gets to it.
  [[nodiscard]] const BoxList& untracked(Path path);
  // The rules that `is_wanted`, with those packets of `start` for which all that a rule asks before
  // its last statement is true, as they are where the rule stands. `but_of_entries`: all that it
  // asks at all, without what works on entries of conntrack.
  using Matched = std::map<std::uint32_t, BoxList>;  // by the number of the rule
  // `at_parts`: what comes to each part of them, by the number of the part.
  enum class Asks : std::uint8_t { in_front, but_of_entries, at_parts };
  [[nodiscard]] Matched matched(Path path, CtState state, const BoxList& start,
                                const std::function<bool(RuleId)>& is_wanted,
                                Asks asks = Asks::in_front);
  [[nodiscard]] bool translates() const { return translates_; }  // destinations
  // First packets of `start` that are accepted, as they leave.
  [[nodiscard]] BoxList leaving(Path path, const BoxList& start);
  // Packets of `start` of established flows that are translated as the first packet of their flow
  // was: what is accepted for certain, or else what may be.
  struct Accepted {
    BoxList certainly, possibly;
  };
  [[nodiscard]] Accepted accepted_as_translated(Path path, const BoxList& start);

  [[nodiscard]] const Program& program() const { return program_; }
  // Packets that were tried with the concrete walk, which said the same.
  [[nodiscard]] std::size_t tried() const { return tried_; }

 private:
  struct Frame {
    const std::vector<RuleId>* rules = nullptr;
    std::size_t next = 0;
  };
  // What a statement left open, or set: by which part, of which dimension, to one of these cells.
  struct Choice {
    std::uint32_t part = 0;
    std::size_t dimension = 0;
    Words cells;
  };
  struct Item {
    Box box;
    std::vector<Choice> choices;  // of a dimension the last one counts
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
    bool has_template = false;
    bool is_aside = false;  // only asks whether a rule matches
    bool is_untracked = false;
    std::optional<Hook> translated_in;
    CtState state = CtState::invalid;  // what conntrack says
    MarkChange mark;
  };
  enum class Step : std::uint8_t { on, over };

  using AskedKey = std::tuple<std::uint32_t, std::size_t, bool, CtState, bool, MarkChange>;

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
  [[nodiscard]] Step aside(Item& item);
  [[nodiscard]] std::span<std::uint64_t> now(Item& item, std::size_t dimension) const;
  void set(Item& item, std::uint32_t part, Field field, Words cells) const;
  void set_one_of(Item& item, std::uint32_t part, Field field,
                  const PoolRange<Interval>& values) const;
  void forget_mark(Item& item, std::uint32_t part) const;
  void translate(Item& item, std::uint32_t part, const NatStatement& nat) const;
  [[nodiscard]] Box as_it_is(const Item& item) const;
  [[nodiscard]] bool meets_nat(const Item& item, const Run& run) const;
  [[nodiscard]] Accepted accepted() const;
  // Whether it is true of the packets of the item; those of which it is not the same wait.
  [[nodiscard]] bool ask(Item& item, const Asked& asked);
  [[nodiscard]] bool ask_free(Item& item, FreeId id);
  [[nodiscard]] Place place_of(const Item& item) const;
  [[nodiscard]] const Asked& asked_of(const Item& item, std::uint32_t part);
  [[nodiscard]] const Asked& asked_of(const Item& item, std::uint32_t part, const SetTest& key,
                                      std::size_t element);
  struct End {
    Box box;
    Decision decision{};
    std::vector<Choice> choices;
    MarkChange mark;
  };
  void try_some();
  [[nodiscard]] bool try_one(const End& end);

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
  std::vector<End> ends_;
  BoxList untracked_now_;
  const std::function<bool(RuleId)>* is_wanted_ = nullptr;
  Asks asks_ = Asks::in_front;
  bool translates_later_ = false;
  Matched matched_;

  bool translates_ = false;
  std::map<std::pair<Path, CtState>, Accepted> accepted_;
  std::map<Path, BoxList> untracked_;
  std::mt19937 dice_{20261128};
  std::size_t tried_ = 0;
};

}  // namespace untrack::boxwise
