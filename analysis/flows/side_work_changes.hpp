// What rules do beside deciding packets (analysis/program/side_work.hpp) for packets for which
// those of the other ruleset do not. Used by the obligations. Costs nothing where no
// rule hands packets to a proxy, nor fills what another asks.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "analysis/flows/world.hpp"

namespace untrack {

struct SideWorkChange {
  Path path{};
  CtState state{};
  Ref packets;              // as they are where the rule stands, of any state
  std::string what;         // "is handed to a proxy by ..., and was not"
  bool is_certain = false;  // so far none is
};

enum class SideWorkKind : std::uint8_t { proxies, memories };

// The first that is certain, or else the first; nothing: both rulesets do the same for the same
// packets, and in the same order. `in_question`: of a way, the packets that are asked about. Throws
// BudgetExhausted.
[[nodiscard]] std::optional<SideWorkChange> changed_side_work(
    World& world, SideWorkKind kind, const std::function<Ref(Path)>& in_question);

}  // namespace untrack
