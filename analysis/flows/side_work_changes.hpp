// What rules do beside deciding packets (analysis/program/side_work.hpp) for packets for which
// those of the other ruleset do not. Used by the obligations and by `diff`. Costs nothing where no
// rule does anything of the kind.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "analysis/flows/world.hpp"
#include "analysis/program/side_work.hpp"

namespace untrack {

struct SideWorkChange {
  Path path{};
  CtState state{};
  Ref packets;       // as they are where the rule stands, of any state
  std::string what;  // "was handed to a proxy by ..., and no longer is", of the packet
  bool is_certain = false;
};

// The first that is certain, or else the first; nothing: both rulesets do the same for the same
// packets, and in the same order. `in_question`: of a way, the packets that are asked about. Throws
// BudgetExhausted.
[[nodiscard]] std::optional<SideWorkChange> changed_side_work(
    World& world, SideWorkKind kind, const std::function<Ref(Path)>& in_question);

// All of them, by path; each that is done in words of its own once, for the first state in which it
// differs. Throws BudgetExhausted.
[[nodiscard]] std::vector<SideWorkChange> all_changed_side_work(
    World& world, SideWorkKind kind, const std::function<Ref(Path)>& in_question);

}  // namespace untrack
