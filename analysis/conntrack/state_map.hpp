// StateMap: what a rule of nft does for each connection state, where it looks the state up in a
// verdict map: `ct state vmap { established : accept, invalid : drop }`; and how other rules ask
// for the state. Read by checks and by the planners of both rewrites.
#pragma once

#include <array>
#include <optional>

#include "model/ruleset.hpp"

namespace untrack {

class StateMap {
 public:
  static constexpr std::array<CtState, 5> states = {
      CtState::invalid, CtState::new_, CtState::established, CtState::related, CtState::untracked};

  Span span;  // "ct state vmap { ... }"
  ConstructId construct;
  SetId set;

  // Null: the rule does nothing, and the next one is asked.
  [[nodiscard]] const Statement* operator[](CtState state) const {
    return verdicts_[static_cast<std::size_t>(state)];
  }
  // The states whose packets the map accepts, drops, sends anywhere.
  [[nodiscard]] CtStates accepted() const { return with(Verdict::accept); }
  [[nodiscard]] CtStates dropped() const { return with(Verdict::drop); }
  [[nodiscard]] CtStates named() const;
  // The first state with a verdict that lets pass, or leads to rules that may, of those that
  // packets of a flow have: established, related. Null: none.
  [[nodiscard]] const Statement* passes_later() const;

 private:
  [[nodiscard]] CtStates with(Verdict wanted) const;
  friend std::optional<StateMap> state_map(const Ruleset& ruleset, const Rule& rule);
  std::array<const Statement*, 16> verdicts_{};
};

// Accepts, or jumps.
[[nodiscard]] bool lets_pass(const Statement& verdict);

// It accepts what it matches, or leads on.
[[nodiscard]] bool lets_pass(const Ruleset& ruleset, const Rule& rule);

// The rule's first test of the state, or null.
[[nodiscard]] const StateTest* state_test(const Ruleset& ruleset, const Rule& rule);

// None if the rule has no such map, or not all of its elements are known.
[[nodiscard]] std::optional<StateMap> state_map(const Ruleset& ruleset, const Rule& rule);

// It accepts UNTRACKED packets, by a test or a map of the state, on no other condition: what UT308
// speaks of, and UT315 leaves to it.
[[nodiscard]] bool accepts_untracked_alone(const Ruleset& ruleset, const Rule& rule);

}  // namespace untrack
