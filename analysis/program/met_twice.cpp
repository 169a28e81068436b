#include "analysis/program/met_twice.hpp"

#include <algorithm>

#include "model/jumps.hpp"

namespace untrack {
namespace {

// The last rule drops or rejects all that comes to it, and no rule before it lets a packet leave.
bool lets_none_go(const Ruleset& ruleset, ChainId chain) {
  const std::vector<RuleId>& rules = ruleset[chain].rules;
  if (rules.empty()) return false;
  for (const RuleId rule : rules) {
    for (const RulePart& part : slice(ruleset.parts, ruleset[rule].parts)) {
      const auto* statement = std::get_if<Statement>(&part.what);
      if (statement == nullptr) {
        if (rule == rules.back()) return false;
        continue;
      }
      const auto* verdict = std::get_if<VerdictStatement>(statement);
      const auto* jump = std::get_if<JumpStatement>(statement);
      const bool is_refused = (verdict != nullptr && verdict->verdict == Verdict::drop) ||
                              std::holds_alternative<RejectStatement>(*statement);
      const bool leaves =
          !is_refused && (verdict != nullptr || (jump != nullptr && jump->is_goto) ||
                          std::holds_alternative<VerdictMapStatement>(*statement) ||
                          std::holds_alternative<OpaqueStatement>(*statement));
      if (leaves) return false;
      if (rule == rules.back() && is_refused) return true;
    }
  }
  return false;
}

}  // namespace

bool decides(const Ruleset& ruleset, const Rule& rule) {
  return std::ranges::any_of(slice(ruleset.parts, rule.parts), [](const RulePart& part) {
    const auto* statement = std::get_if<Statement>(&part.what);
    return statement != nullptr && !std::holds_alternative<PassiveStatement>(*statement);
  });
}

std::vector<bool> chains_met_twice(const Program& program) {
  const Ruleset& ruleset = program.ruleset();
  std::vector<bool> found(ruleset.chains.size());
  for (const Path path : all_paths) {
    constexpr std::uint8_t many = 2;
    std::vector<std::uint8_t> ways(ruleset.chains.size());
    std::vector<ChainId> bases;
    for (const Run& run : program.runs(path)) {
      ways[run.chain.index()] = 1;
      bases.push_back(run.chain);
    }
    std::vector<ChainId> chains = called_first(
        ruleset, bases, [&](ChainId chain) -> const auto& { return ruleset[chain].rules; });
    std::ranges::reverse(chains);
    for (const ChainId chain : chains) {
      const std::uint8_t own = ways[chain.index()];
      for (const RuleId rule : ruleset[chain].rules) {
        for_each_called_chain(ruleset, rule, [&](ChainId callee) {
          std::uint8_t& of_callee = ways[callee.index()];
          of_callee =
              static_cast<std::uint8_t>(std::min<unsigned>(many, unsigned{of_callee} + own));
        });
      }
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (ways[i] == many && !lets_none_go(ruleset, ChainId(i))) found[i] = true;
    }
  }
  return found;
}

}  // namespace untrack
