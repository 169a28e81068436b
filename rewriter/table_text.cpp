#include "rewriter/table_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "rewriter/rule_style.hpp"

namespace untrack {
namespace {

// The place in front of the table's COMMIT.
std::uint32_t end_of(const Sources& sources, const Span& header) {
  const std::string_view text = sources[header.source].text();
  const std::size_t at = text.find("\nCOMMIT", header.end);
  return static_cast<std::uint32_t>(at == std::string_view::npos ? text.size() : at + 1);
}

std::string_view chains_of(std::string_view table) {
  if (table == "raw") return ":PREROUTING ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n";
  return ":PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n"
         ":OUTPUT ACCEPT [0:0]\n:POSTROUTING ACCEPT [0:0]\n";
}

// The rules of a table as they stand in the text: nothing that was taken away again.
std::vector<RuleId> in_text(const Ruleset& ruleset, const Table& table) {
  std::vector<RuleId> rules;
  for (const ChainId chain : table.chains) {
    rules.insert(rules.end(), ruleset[chain].rules.begin(), ruleset[chain].rules.end());
  }
  std::ranges::sort(rules, {}, [&](RuleId id) { return ruleset[id].line; });
  return rules;
}

// In front of the line and the comments right above it, which are about it.
Span above(const Sources& sources, const Span& line) {
  const std::string_view text = sources[line.source].text();
  std::uint32_t at = line.begin;
  while (at > 0) {
    const std::size_t before = at < 2 ? std::string_view::npos : text.rfind('\n', at - 2);
    const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    if (text[begin] != '#' || text.substr(begin).starts_with("#!")) break;
    at = static_cast<std::uint32_t>(begin);
  }
  return {line.source, at, at};
}

std::string with_lead(std::string_view lines, std::string_view lead) {
  std::string text;
  while (!lines.empty()) {
    const std::size_t size = std::min(lines.find('\n'), lines.size() - 1) + 1;
    if (lines.front() == '-') text += lead;
    text += lines.substr(0, size);
    lines.remove_prefix(size);
  }
  return text;
}

// Lines behind a line, which may be the last one and have no newline.
Edit behind(const Sources& sources, const Span& line, std::string lines) {
  if (!sources.text(line).ends_with('\n')) lines.insert(0, "\n");
  return {{line.source, line.end, line.end}, std::move(lines)};
}

bool starts_over(const Ruleset& ruleset, SourceId source, IpVersion version) {
  const auto at = std::ranges::find(ruleset.inputs, source, &InputSummary::source);
  return at != ruleset.inputs.end() && at->starts_over.has(version);
}

// Behind the last line that names the table, which may empty it; a line goes on behind a backslash.
std::uint32_t end_of_mentions(std::string_view text, std::string_view table) {
  std::uint32_t end = 0;
  for (const std::string_view option : {"-t ", "-t", "--table ", "--table="}) {
    const std::string mention = fmt::format("{}{}", option, table);
    for (std::size_t at = text.find(mention); at != std::string_view::npos;
         at = text.find(mention, at + 1)) {
      std::size_t newline = text.find('\n', at);
      while (newline != std::string_view::npos && text[newline - 1] == '\\') {
        newline = text.find('\n', newline + 1);
      }
      end = std::max(end, static_cast<std::uint32_t>(std::min(newline, text.size() - 1) + 1));
    }
  }
  return end;
}

// Among commands, behind the rules that the table has, or in front of `others`.
Edit added_as_commands(const Ruleset& ruleset, const Sources& sources, IpVersion version,
                       const Table* known, const std::vector<RuleId>& others,
                       std::string_view table, std::string_view lines) {
  const std::vector<RuleId> own =
      known == nullptr ? std::vector<RuleId>() : in_text(ruleset, *known);
  const RuleId model = own.empty() ? others.front() : own.back();
  const std::string lead = style_of(ruleset, sources, model).lead(table);
  std::string text;
  text += with_lead(lines, lead);
  if (!own.empty()) return behind(sources, ruleset[own.back()].line, text);
  Span place = above(sources, ruleset[others.front()].line);
  const std::uint32_t mentioned = end_of_mentions(sources[place.source].text(), table);
  if (known != nullptr && mentioned > place.begin) place.begin = place.end = mentioned;
  if (known == nullptr && starts_over(ruleset, place.source, version)) {
    text.insert(0, lead + "-F\n");
  }
  return {place, text};
}

// Of the chains that the lines fill and the text does not declare: it would not tell their policy.
std::string missing_policies(const Ruleset& ruleset, const Table& table, std::string_view lines) {
  std::string text;
  for (const ChainId id : table.chains) {
    const Chain& chain = ruleset[id];
    const bool is_filled = lines.find(fmt::format("-A {} ", chain.name)) != std::string_view::npos;
    if (chain.base && chain.span.empty() && is_filled) {
      text += fmt::format(":{} ACCEPT [0:0]\n", chain.name);
    }
  }
  return text;
}

}  // namespace

Edit added_to_table(const Ruleset& ruleset, const Sources& sources, IpVersion version,
                    std::string_view table, std::string_view lines) {
  const Table* filter = nullptr;
  const Table* known = nullptr;
  const Table* first_with_rules = nullptr;
  for (const Table& row : ruleset.tables) {
    if (!ip_versions(row.family).has(version)) continue;
    if (row.name == "filter") filter = &row;
    if (row.name == table) known = &row;
    if (first_with_rules == nullptr && !in_text(ruleset, row).empty()) first_with_rules = &row;
  }
  // Among commands a table without rules has no place in the text.
  const bool has_place = filter != nullptr && (has_table_headers(ruleset, filter->span.source) ||
                                               !in_text(ruleset, *filter).empty());
  if (!has_place) filter = first_with_rules;
  const Span header = known != nullptr ? known->span : filter != nullptr ? filter->span : Span{};
  if (!has_table_headers(ruleset, header.source) && filter != nullptr) {
    return added_as_commands(ruleset, sources, version, known, in_text(ruleset, *filter), table,
                             lines);
  }
  const std::string own = serves_both(ruleset, header.source)
                              ? with_lead(lines, version == IpVersion::ipv4 ? "-4 " : "-6 ")
                              : std::string(lines);
  if (known != nullptr) {
    const std::uint32_t place = end_of(sources, header);
    return {{header.source, place, place}, missing_policies(ruleset, *known, lines) + own};
  }
  return {{header.source, header.begin, header.begin},
          fmt::format("*{}\n{}{}COMMIT\n", table, chains_of(table), own)};
}

std::vector<Edit> added_chains(const Ruleset& ruleset, const Sources& sources, TableId table,
                               const std::vector<std::string>& names, const std::string& lines,
                               RuleId first_jump) {
  const Table& row = ruleset[table];
  Span last;
  for (const ChainId chain : row.chains) {
    const Span& span = ruleset[chain].span;
    if (!span.empty() && (last.empty() || span.begin > last.begin)) last = span;
  }
  const SourceId source = row.span.source;
  const std::string_view text = sources[source].text();
  std::string declared;
  if (has_table_headers(ruleset, source)) {
    const Span& header = last.empty() ? row.span : last;
    const std::size_t newline = text.find('\n', header.end);
    const auto at =
        static_cast<std::uint32_t>(newline == std::string_view::npos ? text.size() : newline + 1);
    for (const std::string& name : names) declared += fmt::format(":{} - [0:0]\n", name);
    const IpVersion version = row.family == Family::ip6 ? IpVersion::ipv6 : IpVersion::ipv4;
    return {{{source, at, at}, std::move(declared)},
            added_to_table(ruleset, sources, version, row.name, lines)};
  }
  const Span& jump = ruleset[first_jump].line;
  const std::string lead = style_of(ruleset, sources, first_jump).lead(row.name);
  for (const std::string& name : names) declared += fmt::format("{}-N {}\n", lead, name);
  Span place = above(sources, jump);
  if (!last.empty() && last.source == source && last.end < jump.begin) {
    const auto at = static_cast<std::uint32_t>(text.find('\n', last.end) + 1);
    place = {source, at, at};
  }
  return {{place, std::move(declared)},
          behind(sources, ruleset[in_text(ruleset, row).back()].line, with_lead(lines, lead))};
}

std::vector<std::string> new_tables(const Ruleset& original, const Ruleset& rewritten,
                                    IpVersion version) {
  std::vector<std::string> names;
  for (const Table& table : rewritten.tables) {
    const bool is_known = std::ranges::any_of(original.tables, [&](const Table& known) {
      return known.name == table.name && known.family == table.family;
    });
    if (!is_known && ip_versions(table.family).has(version)) names.emplace_back(table.name);
  }
  return names;
}

}  // namespace untrack
