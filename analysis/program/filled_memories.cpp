#include "analysis/program/filled_memories.hpp"

#include <algorithm>
#include <utility>

#include "analysis/program/working_rules.hpp"
#include "model/jumps.hpp"

namespace untrack {
namespace {

bool fills_memory(const MemoryUse& use) { return !use.text.empty() && !use.memory.empty(); }

}  // namespace

FilledMemories::FilledMemories(const Program& program)
    : program_(program), ruleset_(program.ruleset()) {
  bool has_any = false;
  for_each_working_part(program, [&](const Table& table, RuleId, std::uint32_t part) {
    if (has_any) return;
    const auto uses = memory_uses(program, ruleset_.parts[part], table, FieldUses::left_out);
    has_any = std::ranges::any_of(uses, fills_memory);
  });
  if (!has_any) return;
  for (const Path path : all_paths) {
    filled_.clear();
    met_.clear();
    for (const Run& run : program.runs(path)) visit(run.chain);
  }
}

// Not of ipsets, of which Program knows more.
bool FilledMemories::asks_what_is_filled(const MemoryUse& use) const {
  if (!use.text.empty() || use.memory.starts_with("ipset ")) return false;
  if (filled_.contains(use.memory)) return true;
  return is_asked_by("field ", use.memory) &&
         std::ranges::any_of(
             filled_, [](const std::string& memory) { return memory.starts_with("field "); });
}

// Each chain once, and again where more has been filled since.
void FilledMemories::visit(ChainId chain) {
  constexpr std::size_t most_parts = 4'000'000;
  constexpr std::size_t most_deep = 500;
  const auto [at, is_new] = met_.try_emplace(chain.value, filled_.size());
  if (!is_new && at->second == filled_.size()) return;
  at->second = filled_.size();
  is_too_large_ = is_too_large_ || ++depth_ > most_deep;
  const Table& table = ruleset_[ruleset_[chain].table];
  for (const RuleId rule : ruleset_[chain].rules) {
    const auto parts = ruleset_[rule].parts;
    for (std::uint32_t part = parts.first; part < parts.first + parts.count; ++part) {
      is_too_large_ = is_too_large_ || ++parts_ > most_parts;
      if (is_too_large_) return;
      look_at(part, table);
      for_each_called_chain(ruleset_, ruleset_.parts[part], [&](ChainId called) { visit(called); });
    }
  }
  --depth_;
}

void FilledMemories::look_at(std::uint32_t part, const Table& table) {
  auto uses = memory_uses(program_, ruleset_.parts[part], table, FieldUses::told);
  if (std::ranges::any_of(uses, [&](const MemoryUse& use) { return asks_what_is_filled(use); })) {
    behind_.insert(part);
  }
  for (MemoryUse& use : uses) {
    if (fills_memory(use)) filled_.insert(std::move(use.memory));
  }
}

}  // namespace untrack
