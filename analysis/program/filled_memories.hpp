// FilledMemories: conditions that ask for what a rule in front of them may have changed for the
// same packet: marks and labels of connections, sets of nft, options, bytes. Such a condition may
// turn out otherwise than one of the same words in front of that rule. Used by Program.
#pragma once

#include <algorithm>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "analysis/program/memory_uses.hpp"
#include "analysis/program/working_rules.hpp"
#include "model/jumps.hpp"

namespace untrack {

class FilledMemories {
 public:
  // Once the program knows the order of its chains.
  explicit FilledMemories(const Program& program) : program_(program), ruleset_(program.ruleset()) {
    bool has_any = false;
    for_each_working_part(program, [&](const Table& table, RuleId, std::uint32_t part) {
      if (has_any) return;
      const auto uses = memory_uses(program, ruleset_.parts[part], table, FieldUses::left_out);
      has_any = std::ranges::any_of(uses, fills);
    });
    if (!has_any) return;
    for (const Path path : all_paths) {
      filled_.clear();
      met_.clear();
      for (const Run& run : program.runs(path)) visit(run.chain);
    }
  }

  [[nodiscard]] bool are_asked_by(std::uint32_t part) const {
    return behind_.contains(part) || is_too_large_;
  }

 private:
  static bool fills(const MemoryUse& use) { return !use.text.empty() && !use.memory.empty(); }

  // Not of ipsets, of which Program knows more.
  [[nodiscard]] bool asks_what_is_filled(const MemoryUse& use) const {
    if (!use.text.empty() || use.memory.starts_with("ipset ")) return false;
    if (filled_.contains(use.memory)) return true;
    return is_asked_by("field ", use.memory) &&
           std::ranges::any_of(
               filled_, [](const std::string& memory) { return memory.starts_with("field "); });
  }

  // Each chain once, and again where more has been filled since.
  void visit(ChainId chain) {
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
        const auto* statement = std::get_if<Statement>(&ruleset_.parts[part].what);
        if (statement == nullptr) continue;
        for_each_jump(ruleset_, *statement, [&](const JumpStatement& jump) {
          if (jump.chain.names_something()) visit(jump.chain);
        });
      }
    }
    --depth_;
  }

  void look_at(std::uint32_t part, const Table& table) {
    auto uses = memory_uses(program_, ruleset_.parts[part], table, FieldUses::told);
    if (std::ranges::any_of(uses, [&](const MemoryUse& use) { return asks_what_is_filled(use); })) {
      behind_.insert(part);
    }
    for (MemoryUse& use : uses) {
      if (fills(use)) filled_.insert(std::move(use.memory));
    }
  }

  const Program& program_;
  const Ruleset& ruleset_;
  std::unordered_set<std::string> filled_;  // by what a packet may have met so far
  std::unordered_map<std::uint32_t, std::size_t> met_;
  std::unordered_set<std::uint32_t> behind_;
  std::size_t parts_ = 0;
  std::size_t depth_ = 0;
  bool is_too_large_ = false;
};

}  // namespace untrack
