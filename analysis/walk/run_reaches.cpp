#include "analysis/walk/run_reaches.hpp"

#include <algorithm>

namespace untrack {
namespace {

template <class Holds>
bool for_all_parts(const SymbolicWalk& walk, ChainId base, Holds&& holds) {
  const Ruleset& ruleset = walk.program().ruleset();
  for (const ChainId chain : walk.called_first(base)) {
    for (const RuleId rule : walk.rules_of(chain)) {
      const auto parts = ruleset[rule].parts;
      for (std::uint32_t part = parts.first; part < parts.first + parts.count; ++part) {
        if (!holds(part)) return false;
      }
    }
  }
  return true;
}

bool does_the_same(const SymbolicWalk& walk, const Program& other, ChainId base) {
  const Program& program = walk.program();
  if (&program == &other) return true;
  if (&program.ruleset() != &other.ruleset() || program.tracks() != other.tracks()) return false;
  return for_all_parts(walk, base, [&](std::uint32_t part) {
    return program.kind(part) == other.kind(part) && program.variable(part) == other.variable(part);
  });
}

}  // namespace

const PathReach* RunReaches::find(SymbolicWalk& walk, ChainId base, const View& view,
                                  Ref entering) {
  // NOTRACK is the same statement in a program that does not obey it.
  if (!lets_packets_be(walk, base, view)) return nullptr;
  for (const RunReach& known : reaches_) {
    if (known.base == base && known.view == view && does_the_same(walk, *known.program, base) &&
        walk.diagram().implies(entering, known.start)) {
      return &known.found;
    }
  }
  return nullptr;
}

void RunReaches::forget(const Program& program) {
  std::erase_if(reaches_, [&](const RunReach& known) { return known.program == &program; });
  std::erase_if(lets_be_, [&](const auto& row) { return std::get<0>(row.first) == &program; });
}

bool RunReaches::lets_packets_be(const SymbolicWalk& walk, ChainId base, const View& view) {
  const Program& program = walk.program();
  const auto [at, is_new] = lets_be_.try_emplace({&program, base, view});
  if (is_new) {
    at->second = for_all_parts(walk, base, [&](std::uint32_t part) {
      const auto* statement = std::get_if<Statement>(&program.ruleset().parts[part].what);
      return (statement != nullptr && std::holds_alternative<NatStatement>(*statement)) ||
             walk.effects_of(part, view).empty();
    });
  }
  return at->second;
}

}  // namespace untrack
