#include <algorithm>

#include "model/catalog/xtables_extensions.hpp"
#include "parser/iptables/execution.hpp"

namespace untrack::iptables {
namespace {

bool has_unlinked_jump(const Ruleset& ruleset, const Rule& rule) {
  return std::ranges::any_of(slice(ruleset.parts, rule.parts), [](const RulePart& part) {
    const auto* statement = std::get_if<Statement>(&part.what);
    const auto* jump = statement == nullptr ? nullptr : std::get_if<JumpStatement>(statement);
    return jump != nullptr && !jump->chain.names_something();
  });
}

}  // namespace

Execution::Forces Execution::forces_tracking(TableId table) {
  Forces found = Forces::no;
  for (const ChainId chain : touched_) {
    if (ruleset_[chain].table != table) continue;
    const RuleOrder& rules = order(chain);
    for (std::size_t i = 0; i < rules.size(); ++i) {
      const Rule& rule = ruleset_[rules.at(i)];
      for (const Construct& construct : slice(ruleset_.constructs, rule.constructs)) {
        const bool is_known = construct.extension != nullptr;
        if (is_known && construct.extension->tracking == catalog::Tracking::always) {
          return Forces::yes;
        }
        if (!is_known || construct.extension->tracking != catalog::Tracking::never) {
          found = Forces::maybe;
        }
      }
      if (has_unlinked_jump(ruleset_, rule)) found = Forces::maybe;
    }
  }
  return found;
}

// What whoever edits the text must know of it.
void Execution::remember(const Command& command, TableId table, bool additive) {
  switch (command.kind) {
    case CommandKind::flush:
      if (!additive && command.chain.empty() && ruleset_[table].name == "filter") {
        starts_over_ = starts_over_ | ip_versions(ruleset_[table].family);
      }
      return;
    case CommandKind::insert:
      if (command.rule_number <= 1) return;
      [[fallthrough]];
    case CommandKind::replace:
    case CommandKind::delete_rule:
    case CommandKind::delete_number:
    case CommandKind::check:
      if (about_standing_.empty()) about_standing_ = command.span;
      return;
    default:
      return;
  }
}

}  // namespace untrack::iptables
