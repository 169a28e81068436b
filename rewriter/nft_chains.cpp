#include "rewriter/nft_chains.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analysis/conntrack/state_map.hpp"
#include "analysis/facts.hpp"
#include "rewriter/nft_rule_text.hpp"

namespace untrack {
namespace {

constexpr int raw_priority = -300;  // NF_IP_PRI_RAW, linux/netfilter_ipv4.h
constexpr std::string_view about_raw = "in front of connection tracking: what needs no entry";
constexpr std::array hooks = {Hook::prerouting, Hook::output};

constexpr bool is_blank(char c) { return c == ' ' || c == '\t'; }

bool asks_for_state(const Ruleset& ruleset, const Rule& rule) {
  return state_map(ruleset, rule).has_value() ||
         std::ranges::any_of(slice(ruleset.parts, rule.parts), [](const RulePart& part) {
           return match_as<StateTest>(part) != nullptr;
         });
}

// Calls visit(rule, comment) for each of the hook; the comment is there where it changes.
template <class Visit>
void for_each_of(const std::vector<RawRule>& rules, Hook hook, const Visit& visit) {
  const std::vector<std::string> none;
  const std::vector<std::string>* said = &none;
  for (const RawRule& row : rules) {
    if (row.hook != hook) continue;
    visit(row, row.about == *said ? none : row.about);
    said = &row.about;
  }
}

class RawWriter {
 public:
  RawWriter(const Ruleset& ruleset, const Sources& sources, TableId table, std::string_view about)
      : ruleset_(ruleset), sources_(sources), table_(ruleset[table]), about_(about) {
    if (about_.empty()) about_ = about_raw;
    for (const ChainId id : table_.chains) {
      for (const RuleId rule : ruleset_[id].rules) {
        const NftRuleText text(ruleset_, sources_, rule);
        if (!text.stands_alone()) continue;
        if (!model_) model_ = rule;
        if (!last_ || NftRuleText(ruleset_, sources_, *last_).line() < text.line()) last_ = rule;
      }
    }
  }

  std::vector<Edit> write(const std::vector<RawRule>& rules) {
    std::vector<Edit> edits;
    std::vector<Hook> missing;
    for (const Hook hook : hooks) {
      if (std::ranges::find(rules, hook, &RawRule::hook) == rules.end()) continue;
      const auto known = chain_of(hook);
      if (known) {
        edits.push_back(behind(*known, hook, rules));
      } else {
        missing.push_back(hook);
      }
    }
    if (!missing.empty()) edits.push_back(new_chains(missing, rules));
    return edits;
  }

 private:
  // The last rule of a chain that comes at the same place; nothing: there is none to go behind.
  std::optional<RuleId> chain_of(Hook hook) const {
    for (const ChainId id : table_.chains) {
      const Chain& chain = ruleset_[id];
      if (!chain.base || chain.base->hook != hook || chain.base->type != ChainType::filter ||
          chain.base->priority != raw_priority || chain.rules.empty()) {
        continue;
      }
      const NftRuleText text(ruleset_, sources_, chain.rules.back());
      if (text.stands_alone() && !text.is_inserted()) return chain.rules.back();
    }
    return std::nullopt;
  }

  std::string comment(std::string_view indentation) const {
    return fmt::format("{}# {}\n", indentation, about_);
  }

  Edit behind(RuleId last, Hook hook, const std::vector<RawRule>& rules) const {
    const NftRuleText text(ruleset_, sources_, last);
    const Span& line = text.line();
    const std::string_view lead = text.lead();
    const std::string indentation(
        lead.substr(0, std::min(lead.find_first_not_of(" \t"), lead.size())));
    std::string lines = comment(indentation);
    for_each_of(rules, hook, [&](const RawRule& row, const std::vector<std::string>& about) {
      for (const std::string& words : about) lines += fmt::format("{}# {}\n", indentation, words);
      lines += text.beside(row.conditions, "notrack") + '\n';
    });
    if (!sources_.text(line).ends_with('\n')) lines.insert(0, "\n");
    return {{line.source, line.end, line.end}, std::move(lines)};
  }

  std::string name_for(Hook hook) const {
    const std::string name = fmt::format("raw_{}", to_text(hook));
    for (std::size_t number = 1;; ++number) {
      std::string each = number == 1 ? name : fmt::format("{}{}", name, number);
      const bool is_taken =
          std::ranges::any_of(table_.chains, [&](ChainId id) { return ruleset_[id].name == each; });
      if (!is_taken) return each;
    }
  }

  static std::string declaration(Hook hook) {
    return fmt::format("type filter hook {} priority raw; policy accept;", to_text(hook));
  }

  Edit new_chains(const std::vector<Hook>& missing, const std::vector<RawRule>& rules) const {
    if (last_ && NftRuleText(ruleset_, sources_, *last_).is_command()) {
      return as_commands(missing, rules);
    }
    const auto first = first_block();
    std::string_view indentation = "\t";
    std::string unit = "\t";
    if (first) {
      const std::string_view text = sources_[first->source].text();
      std::uint32_t at = first->begin;
      while (is_blank(text[at])) ++at;
      indentation = text.substr(first->begin, at - first->begin);
      unit = unit_beyond(indentation);
    }
    std::string blocks;
    for (const Hook hook : missing) {
      if (hook == missing.front()) blocks += comment(indentation);
      blocks += fmt::format("{}chain {} {{\n{}{}{}\n", indentation, name_for(hook), indentation,
                            unit, declaration(hook));
      for_each_of(rules, hook, [&](const RawRule& row, const std::vector<std::string>& about) {
        for (const std::string& words : about) {
          blocks += fmt::format("{}{}# {}\n", indentation, unit, words);
        }
        blocks += fmt::format("{}{}{} notrack\n", indentation, unit, row.conditions);
      });
      blocks += fmt::format("{}}}\n", indentation);
      if (!first ? hook != missing.back() : has_blank_lines(*first)) blocks += '\n';
    }
    if (first) return {above(*first), std::move(blocks)};
    // A table may be opened again.
    const SourceId source = table_.span.source;
    const std::string_view text = sources_[source].text();
    const auto end = static_cast<std::uint32_t>(text.size());
    return {{source, end, end},
            fmt::format("{}\ntable {} {} {{\n{}}}\n", text.ends_with('\n') ? "" : "\n",
                        to_text(table_.family), table_.name, blocks)};
  }

  // Between the blocks of the file.
  bool has_blank_lines(const Span& place) const {
    return sources_[place.source].text().find("}\n\n") != std::string_view::npos;
  }

  // What rules are indented by beside their chain.
  std::string unit_beyond(std::string_view indentation) const {
    if (model_) {
      const NftRuleText text(ruleset_, sources_, *model_);
      const std::string& lead = text.lead();
      if (!text.is_command() && lead.size() > indentation.size() && lead.starts_with(indentation)) {
        return lead.substr(indentation.size());
      }
    }
    return indentation.empty() ? "\t" : std::string(indentation);
  }

  // The line in which the first chain that stands in a block of the table begins.
  std::optional<Span> first_block() const {
    std::optional<Span> first;
    for (const ChainId id : table_.chains) {
      const Span& name = ruleset_[id].span;
      if (name.empty() || name.source != table_.span.source) continue;
      const std::string_view text = sources_[name.source].text();
      const std::size_t newline =
          name.begin == 0 ? std::string_view::npos : text.rfind('\n', name.begin - 1);
      const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
      std::string_view line = text.substr(begin, name.begin - begin);
      line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
      if (!line.starts_with("chain") ||
          line.find_first_not_of(" \t", 5) != std::string_view::npos) {
        continue;
      }
      const auto at = static_cast<std::uint32_t>(begin);
      if (!first || at < first->begin) first = Span{name.source, at, at};
    }
    return first;
  }

  // In front of the comments right above the line, which are about it.
  Span above(Span line) const {
    const std::string_view text = sources_[line.source].text();
    while (line.begin > 1) {
      const std::size_t newline = text.rfind('\n', line.begin - 2);
      const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
      const std::size_t first = text.find_first_not_of(" \t", begin);
      if (first == std::string_view::npos || text[first] != '#' || text.substr(first, 2) == "#!") {
        break;
      }
      line.begin = static_cast<std::uint32_t>(begin);
    }
    line.end = line.begin;
    return line;
  }

  Edit as_commands(const std::vector<Hook>& missing, const std::vector<RawRule>& rules) const {
    const NftRuleText text(ruleset_, sources_, *last_);
    const Span& line = text.line();
    std::string lines = fmt::format("# {}\n", about_);
    for (const Hook hook : missing) {
      const std::string name =
          fmt::format("{} {} {}", to_text(table_.family), table_.name, name_for(hook));
      lines += fmt::format("add chain {} {{ {} }}\n", name, declaration(hook));
      for_each_of(rules, hook, [&](const RawRule& row, const std::vector<std::string>& about) {
        for (const std::string& words : about) lines += fmt::format("# {}\n", words);
        lines += fmt::format("add rule {} {} notrack\n", name, row.conditions);
      });
    }
    if (!sources_.text(line).ends_with('\n')) lines.insert(0, "\n");
    return {{line.source, line.end, line.end}, std::move(lines)};
  }

  const Ruleset& ruleset_;
  const Sources& sources_;
  const Table& table_;
  std::string_view about_;
  std::optional<RuleId> model_;  // the first rule on lines of its own
  std::optional<RuleId> last_;
};

// In front of the brace at the end, behind the last element.
Edit one_more(const Sources& sources, const Span& set, std::string_view element) {
  const std::string_view text = sources.text(set);
  std::size_t at = text.rfind('}');
  while (at > 0 && (is_blank(text[at - 1]) || text[at - 1] == '\n')) --at;
  const bool has_comma = at > 0 && text[at - 1] == ',';
  const auto place = static_cast<std::uint32_t>(set.begin + at);
  return {{set.source, place, place}, fmt::format("{} {}", has_comma ? "" : ",", element)};
}

}  // namespace

TableId home_of_raw(const Ruleset& ruleset, IpVersion version) {
  TableId with_filter;
  TableId any;
  for (std::size_t i = 0; i < ruleset.tables.size(); ++i) {
    const Table& table = ruleset.tables[i];
    if (!ip_versions(table.family).has(version)) continue;
    if (!any.names_something()) any = TableId(i);
    for (const ChainId id : table.chains) {
      const Chain& chain = ruleset[id];
      const bool has_state = std::ranges::any_of(
          chain.rules, [&](RuleId rule) { return asks_for_state(ruleset, ruleset[rule]); });
      if (has_state && table.language == Language::nft) return TableId(i);
      if (chain.base && chain.base->type == ChainType::filter && !with_filter.names_something()) {
        with_filter = TableId(i);
      }
    }
  }
  return with_filter.names_something() ? with_filter : any;
}

std::vector<Edit> added_raw_rules(const Ruleset& ruleset, const Sources& sources, TableId table,
                                  std::string_view about, const std::vector<RawRule>& rules) {
  return RawWriter(ruleset, sources, table, about).write(rules);
}

std::optional<Edit> nft_with_untracked(const Ruleset& ruleset, const Sources& sources,
                                       const Rule& rule) {
  if (const auto map = state_map(ruleset, rule)) {
    const std::string_view text = sources.text(map->span);
    if (!text.ends_with('}')) return std::nullopt;
    return one_more(sources, map->span,
                    fmt::format("untracked : {}", nft_verdict(*(*map)[CtState::new_])));
  }
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    if (match_as<StateTest>(part) == nullptr) continue;
    const Span span = part.span_in(rule);
    const std::string_view text = sources.text(span);
    if (text.ends_with('}')) return one_more(sources, span, "untracked");
    const std::size_t value = text.find_last_of(" \t=") + 1;
    // A single value that is compared as a whole.
    if (text.find("==") != std::string_view::npos) {
      const auto at = static_cast<std::uint32_t>(span.begin + value);
      return Edit{{span.source, at, span.end},
                  fmt::format("{{ {}, untracked }}", text.substr(value))};
    }
    return Edit{{span.source, span.end, span.end}, ",untracked"};
  }
  return std::nullopt;
}

}  // namespace untrack
