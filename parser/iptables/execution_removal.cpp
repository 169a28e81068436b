// Which rule a deletion means, and its removal.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "model/dump.hpp"
#include "parser/iptables/execution.hpp"
#include "parser/iptables/problems.hpp"

namespace untrack::iptables {
namespace {

constexpr std::size_t no_position = SIZE_MAX;

// The options of a target that lets packets be, by name, as they are written: a set that is filled,
// a host that gets copies. Levels of a log have names and numbers, and are left out.
std::string options_of(const Ruleset& ruleset, const Construct& construct) {
  std::vector<std::string> options;
  for (const OptionUse& option : slice(ruleset.options, construct.options)) {
    if (option.row != nullptr && option.row->type == catalog::ValueType::log_level) continue;
    options.push_back(
        fmt::format(" --{} {}", std::string_view(option.name), std::string_view(option.value)));
  }
  std::ranges::sort(options);
  return fmt::format("{}", fmt::join(options, ""));
}

}  // namespace

// As `iptables -D` compares: an old name (`-m state`) reads alike, and is another rule all the same
// (XT_CONNTRACK_STATE_ALIAS, libxt_conntrack.c, 1.8.9; measured).
std::string Execution::fingerprint_of(const Rule& rule) const {
  std::string text = dump_specification(ruleset_, rule);
  for (const Construct& construct : slice(ruleset_.constructs, rule.constructs)) {
    const bool is_old = construct.extension != nullptr && !construct.extension->old_name_of.empty();
    if (is_old) text += fmt::format(" as {}", construct.extension->name);
  }
  for (const RulePart& part : slice(ruleset_.parts, rule.parts)) {
    const auto* statement = std::get_if<Statement>(&part.what);
    const bool is_passive =
        statement != nullptr && std::holds_alternative<PassiveStatement>(*statement);
    if (is_passive && part.construct.names_something()) {
      text += options_of(ruleset_, ruleset_[part.construct]);
    }
  }
  return text;
}

std::size_t Execution::find_equal(ChainId chain, const Rule& rule) {
  const std::string wanted = fingerprint_of(rule);
  const RuleOrder& rules = order(chain);
  fingerprints_.resize(ruleset_.rules.size());
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const RuleId id = rules.at(i);
    std::string& known = fingerprints_[id.index()];
    if (known.empty()) known = fingerprint_of(ruleset_[id]) + '\n';
    if (std::string_view(known).substr(0, known.size() - 1) == wanted) return i;
  }
  return no_position;
}

void Execution::remove_rule(const Command& command, ChainId chain) {
  RuleOrder& rules = order(chain);
  const bool by_number = command.kind == CommandKind::delete_number;
  const std::size_t position =
      by_number ? std::size_t{command.rule_number} - 1 : find_equal(chain, command.rule);
  if (position >= rules.size()) {
    std::string message =
        by_number
            ? fmt::format("chain {} has no rule {}", in_quotes(command.chain), command.rule_number)
            : fmt::format("chain {} has no such rule to delete", in_quotes(command.chain));
    if (completeness_ == Completeness::whole) {
      add_error(ruleset_, command.span, std::move(message),
                by_number ? fmt::format("it has {} here", rules.size()) : std::string(),
                "Remove this line, or put it behind the rule that it deletes.");
    } else {
      add_note(ruleset_, command.span, std::move(message), "nothing to delete in this input");
    }
    return;
  }
  ruleset_.rules[rules.at(position).index()].chain = {};
  rules.erase(position);
  --rule_count_;
}

}  // namespace untrack::iptables
