#include "analysis/stand_in.hpp"

#include "analysis/facts.hpp"

namespace untrack {

bool only_decides(const Ruleset& ruleset, const Rule& rule) {
  return accepts(ruleset, rule) || drops(ruleset, rule);
}

bool asks_beyond_packet(const Program& program, const Rule& rule) {
  for (std::uint32_t i = 0; i < rule.parts.count; ++i) {
    const std::uint32_t part = rule.parts.first + i;
    const PartKind kind = program.kind(part);
    if (kind == PartKind::test || kind == PartKind::statement) continue;
    if (kind != PartKind::free_test) return true;
    if (program.variables()[program.variable(part)].scope == FreeScope::packet) return true;
  }
  return false;
}

}  // namespace untrack
