#include "rewriter/notrack/raw_rules.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string_view>

#include "model/jumps.hpp"
#include "rewriter/rule_style.hpp"
#include "rewriter/rule_text.hpp"
#include "rewriter/table_text.hpp"

namespace untrack {
namespace {

bool leads_to_template(const Program& program, RuleId id, std::set<ChainId>& seen) {
  const Ruleset& ruleset = program.ruleset();
  const Rule& rule = ruleset[id];
  for (std::uint32_t i = 0; i < rule.parts.count; ++i) {
    const std::uint32_t part = rule.parts.first + i;
    if (program.gives_template(part)) return true;
    bool leads = false;
    for_each_called_chain(ruleset, ruleset.parts[part], [&](ChainId called) {
      if (!seen.insert(called).second) return;
      leads = leads || std::ranges::any_of(ruleset[called].rules, [&](RuleId next) {
                return leads_to_template(program, next, seen);
              });
    });
    if (leads) return true;
  }
  return false;
}

// The first rule of the built-in chain by which another CT target may take a packet.
std::optional<RuleId> first_template(const Program& program, std::string_view chain_name) {
  const Ruleset& ruleset = program.ruleset();
  for (const Table& table : ruleset.tables) {
    if (table.name != "raw" || !ip_versions(table.family).has(program.version())) continue;
    for (const ChainId chain : table.chains) {
      if (!ruleset[chain].base || ruleset[chain].name != chain_name) continue;
      for (const RuleId rule : ruleset[chain].rules) {
        std::set<ChainId> seen;
        if (leads_to_template(program, rule, seen)) return rule;
      }
    }
  }
  return std::nullopt;
}

// The rules of one chain, with the comments ahead of them.
std::string of_chain(std::string_view lines, std::string_view chain) {
  const std::string beginning = "-A " + std::string(chain) + ' ';
  std::string text;
  std::string headings;
  bool is_heading = false;
  while (!lines.empty()) {
    const std::size_t size = std::min(lines.find('\n'), lines.size() - 1) + 1;
    const std::string_view line = lines.substr(0, size);
    lines.remove_prefix(size);
    if (line.starts_with('#')) {
      if (!is_heading) headings.clear();
      headings += line;
    } else if (line.starts_with(beginning)) {
      text += headings;
      text += line;
      headings.clear();
    }
    is_heading = line.starts_with('#');
  }
  return text;
}

}  // namespace

std::vector<Edit> rules_in_raw(const Program& program, const Sources& sources,
                               const std::string& lines) {
  const Ruleset& ruleset = program.ruleset();
  const auto behind_all = [&](std::string_view rules) {
    return added_to_table(ruleset, sources, program.version(), "raw", rules);
  };
  std::vector<Edit> edits;
  std::string others;
  for (const std::string_view chain : {"PREROUTING", "OUTPUT"}) {
    const std::string own = of_chain(lines, chain);
    const auto first = first_template(program, chain);
    if (first) {
      const SourceId source = ruleset[*first].line.source;
      if (!has_table_headers(ruleset, source) || serves_both(ruleset, source)) {
        return {behind_all(lines)};
      }
      edits.push_back({RuleText(ruleset, sources, *first).ahead(), own});
    } else {
      others += own;
    }
  }
  if (edits.empty()) return {behind_all(lines)};
  if (!others.empty()) edits.push_back(behind_all(others));
  return edits;
}

}  // namespace untrack
