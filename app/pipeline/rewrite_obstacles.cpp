#include "app/pipeline/rewrite_obstacles.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/facts.hpp"
#include "rewriter/rule_style.hpp"

namespace untrack {
namespace {

constexpr std::string_view load_it =
    "load it in a network namespace of its own (ip netns add, ip netns exec), or take a host that "
    "runs it, and give what iptables-save and ip6tables-save print there";

const InputSummary* input_of(const Ruleset& ruleset, SourceId source) {
  const auto at = std::ranges::find(ruleset.inputs, source, &InputSummary::source);
  return at == ruleset.inputs.end() ? nullptr : &*at;
}

// What a table lacks to be the whole of it, as far as the text tells.
std::optional<Refusal> missing_in(const Ruleset& ruleset, const Table& table) {
  for (const ChainId chain : table.chains) {
    const Span& made = ruleset[chain].span;
    for (const RuleId id : ruleset[chain].rules) {
      const Rule& rule = ruleset[id];
      const auto* jump = find_statement<JumpStatement>(ruleset, rule);
      if (jump != nullptr && !jump->chain.names_something()) {
        return Refusal{rule.text, "it jumps to a chain that is not in these inputs",
                       "give the file that makes the chain, too, or what iptables-save prints"};
      }
      // Chains that nothing makes are declared by the first rule that they get.
      if (!ruleset[chain].base && made.source == rule.text.source &&
          made.begin >= rule.text.begin && made.end <= rule.text.end) {
        return Refusal{rule.text, "nothing in these inputs makes its chain, nor says who calls it",
                       "give the file that makes the chain, too, or what iptables-save prints"};
      }
      if (rule.line.source != table.span.source) {
        return Refusal{rule.text, "several inputs have rules for one table",
                       "give what iptables-save prints when all of them are loaded"};
      }
    }
  }
  return std::nullopt;
}

bool is_at_line_edges(std::string_view text, const Span& span) {
  return (span.begin == 0 || text[span.begin - 1] == '\n') &&
         (span.end == text.size() || text[span.end - 1] == '\n');
}

// Of an input that is no save file: why its text is not one to edit.
std::optional<Obstacle> in_commands(const Loaded& loaded, const InputSummary& input,
                                    IpVersion version) {
  const Ruleset& ruleset = loaded.ruleset;
  if (!input.about_standing.empty()) {
    return Obstacle{"it has commands about rules that stand already",
                    {{input.about_standing,
                      "it names a rule by its words or its number, and a rewrite changes both",
                      std::string(load_it)}}};
  }
  const std::string_view text = (*loaded.sources)[input.source].text();
  const bool is_listing = input.format == "iptables -S";
  for (const Table& table : ruleset.tables) {
    if (!ip_versions(table.family).has(version)) continue;
    for (const ChainId chain : table.chains) {
      for (const RuleId id : ruleset[chain].rules) {
        const Rule& rule = ruleset[id];
        if (rule.line.source != input.source) continue;
        if (!is_at_line_edges(text, rule.line)) {
          return Obstacle{"it is a script, and not a list of commands",
                          {{rule.text, "it shares its line with other commands",
                            "put each command on a line of its own; or " + std::string(load_it)}}};
        }
        if (!is_listing && style_of(ruleset, *loaded.sources, id).program.empty()) {
          return Obstacle{
              "it is a script, and not a list of commands",
              {{rule.text, "it stands in a document for iptables-restore",
                "put the document into a file of its own; or " + std::string(load_it)}}};
        }
      }
    }
  }
  return std::nullopt;
}

}  // namespace

IpVersions take_as_whole(Loaded& loaded) {
  IpVersions whole;
  for (Table& table : loaded.ruleset.tables) {
    const InputSummary* input = input_of(loaded.ruleset, table.span.source);
    if (!table.is_partial || input == nullptr || input->format == "iptables-save" ||
        missing_in(loaded.ruleset, table)) {
      continue;
    }
    table.is_partial = false;
    whole = whole | ip_versions(table.family);
  }
  return whole;
}

std::optional<Obstacle> find_obstacle(const Loaded& loaded, IpVersion version) {
  const Ruleset& ruleset = loaded.ruleset;
  if (!loaded.is_fully_understood()) {
    return Obstacle{"not everything in the ruleset was understood", {}};
  }
  for (const Table& table : ruleset.tables) {
    if (!ip_versions(table.family).has(version)) continue;
    if (table.language != Language::iptables) {
      return Obstacle{"it has tables of nftables, which are not rewritten yet", {}};
    }
    if (table.is_partial) {
      Obstacle obstacle{"the inputs are a part of a larger ruleset", {}};
      if (auto missing = missing_in(ruleset, table)) obstacle.refusals.push_back(*missing);
      return obstacle;
    }
    if (ip_versions(table.family) != IpVersions(version)) {
      return Obstacle{"a table serves both families, which is not rewritten yet", {}};
    }
  }
  for (const InputSummary& input : ruleset.inputs) {
    if (!input.ip_versions.has(version) || input.rules == 0) continue;
    if (input.format == "iptables-save" || input.format == "ipset save") continue;
    if (auto found = in_commands(loaded, input, version)) return found;
  }
  return std::nullopt;
}

}  // namespace untrack
