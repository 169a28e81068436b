#include "rewriter/table_text.hpp"

#include <fmt/format.h>

#include <algorithm>

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

}  // namespace

Edit added_to_table(const Ruleset& ruleset, const Sources& sources, IpVersion version,
                    std::string_view table, std::string_view lines) {
  Span filter;
  for (const Table& known : ruleset.tables) {
    if (!ip_versions(known.family).has(version)) continue;
    if (known.name == "filter") filter = known.span;
    if (known.name != table) continue;
    const std::uint32_t place = end_of(sources, known.span);
    return {{known.span.source, place, place}, std::string(lines)};
  }
  return {{filter.source, filter.begin, filter.begin},
          fmt::format("*{}\n{}{}COMMIT\n", table, chains_of(table), lines)};
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
