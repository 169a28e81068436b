// Chains with statements that leave open what they set (a mark that a connection keeps), or tests
// that may turn out otherwise when they are asked again: whether it matters is told from the
// decisions of the whole way behind them, and not from how the chain ends, which is another thing
// for each mark as a rule.
#include <algorithm>

#include "analysis/walk/symbolic.hpp"
#include "model/jumps.hpp"

namespace untrack {
namespace {

// Beyond these a chain is summarised, and what is open in it ends `unknown`: chains that call each
// other twice are walked through for each call here.
constexpr std::size_t deepest = 64;
constexpr std::size_t most_continuations = 1'000;

bool leaves_open(const Effects& effects) {
  return std::ranges::any_of(effects, [](const Assignment& set) { return set.first != set.last; });
}

}  // namespace

bool SymbolicWalk::is_open(ChainId chain, const View& view) {
  if (const auto known = open_.find({chain, view}); known != open_.end()) return known->second;
  for (const ChainId each : called_first(chain)) {
    // A loop, which the kernel refuses, comes back to one that is not known yet.
    open_[{each, view}] =
        std::ranges::any_of(rules_of(each), [&](RuleId rule) { return is_open_rule(rule, view); });
  }
  return open_.at({chain, view});
}

// What it calls is known.
bool SymbolicWalk::is_open_rule(RuleId id, const View& view) {
  const auto parts = program_.ruleset()[id].parts;
  for (std::uint32_t part = parts.first; part < parts.first + parts.count; ++part) {
    const auto* statement = std::get_if<Statement>(&program_.ruleset().parts[part].what);
    // What has left the chain asks nothing more of it.
    const bool goes_on =
        statement == nullptr || (!std::holds_alternative<NatStatement>(*statement) &&
                                 program_.kind(part) != PartKind::free_accept);
    if (goes_on && leaves_open(effects_of(part, view))) return true;
    bool calls_open = false;
    for_each_called_chain(program_.ruleset(), program_.ruleset().parts[part], [&](ChainId called) {
      const auto known = open_.find({called, view});
      calls_open = calls_open || (known != open_.end() && known->second);
    });
    if (calls_open) return true;
  }
  return false;
}

// The decisions of what a function leaves, which is told what to do with each way to leave.
Ref SymbolicWalk::sent_on(Ref function, const Exits& to) {
  const auto values = diagram_.values_of(function);
  Diagram::Grafts grafts;
  for (const std::uint32_t value : std::vector<std::uint32_t>(values.begin(), values.end())) {
    const Outcome outcome = outcomes_[value];
    const Ref* const exit = outcome.end == End::next     ? &to.next
                            : outcome.end == End::back   ? &to.back
                            : outcome.end == End::accept ? &to.accept
                                                         : nullptr;
    grafts.emplace_back(value,
                        exit == nullptr ? leaf(outcome.end) : through(outcome.effects, *exit));
  }
  return diagram_.graft(function, grafts);
}

Ref SymbolicWalk::continued_rule(RuleId id, const View& view, const Exits& to, std::size_t depth) {
  const Rule& rule = program_.ruleset()[id];
  const JumpStatement* const jump =
      rule.parts.count == 0 ? nullptr : jump_of(rule.parts.first + rule.parts.count - 1);
  bool only_jumps = jump != nullptr && is_open(jump->chain, view);
  for (std::uint32_t i = 0; only_jumps && i + 1 < rule.parts.count; ++i) {
    const std::uint32_t part = rule.parts.first + i;
    only_jumps = std::holds_alternative<Match>(program_.ruleset().parts[part].what) &&
                 !program_.may_turn_out_otherwise(part);
  }
  if (!only_jumps || depth == deepest || continuations_ == most_continuations) {
    return sent_on(rule_function(id, view), to);
  }
  const Ref behind = jump->is_goto ? to.back : to.next;
  const Ref inner = continued(jump->chain, view, {behind, behind, to.accept}, depth + 1);
  return diagram_.ite(asked_first(id, view), inner, to.next);
}

Ref SymbolicWalk::continued(ChainId chain, const View& view, const Exits& to, std::size_t depth) {
  ++continuations_;
  const std::span<const RuleId> rules = rules_of(chain);
  Exits on = to;
  // Rules next to each other that leave nothing open are composed first.
  std::size_t end = rules.size();
  const auto take_plain = [&](std::size_t first) {
    if (first == end) return;
    ChainTree tree;
    tree.functions.emplace_back();
    for (const RuleId rule : rules.subspan(first, end - first)) {
      tree.functions[0].push_back(rule_function(rule, view));
    }
    compose(tree);
    on.next = sent_on(tree.functions.back().front(), on);
  };
  for (std::size_t i = rules.size(); i-- > 0;) {
    if (!is_open_rule(rules[i], view)) continue;
    take_plain(i + 1);
    on.next = continued_rule(rules[i], view, on, depth);
    end = i;
  }
  take_plain(0);
  return on.next;
}

}  // namespace untrack
