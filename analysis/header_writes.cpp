#include "analysis/header_writes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace untrack {
namespace {

constexpr std::array written_by_target = {std::string_view("SNPT"), std::string_view("DNPT")};

bool writes(const Ruleset& ruleset, const Rule& rule) {
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* statement = std::get_if<Statement>(&part.what);
    const auto* opaque = statement == nullptr ? nullptr : std::get_if<OpaqueStatement>(statement);
    if (opaque == nullptr || !opaque->writes) continue;
    const Field field = *opaque->writes;
    if (field == Field::source_address || field == Field::destination_address ||
        field == Field::source_port || field == Field::destination_port) {
      return true;
    }
  }
  return std::ranges::any_of(slice(ruleset.constructs, rule.constructs), [](const Construct& c) {
    return c.extension != nullptr && c.kind == catalog::ExtensionKind::target &&
           std::ranges::find(written_by_target, c.extension->name) != written_by_target.end();
  });
}

// Whether what the rule does rests on its own words alone.
bool stands_alone(const Ruleset& ruleset, const Rule& rule) {
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    if (const auto* match = std::get_if<Match>(&part.what)) {
      if (std::holds_alternative<StateTest>(*match)) return false;
      continue;
    }
    const auto& statement = std::get<Statement>(part.what);
    if (std::holds_alternative<JumpStatement>(statement) ||
        std::holds_alternative<VerdictMapStatement>(statement)) {
      return false;
    }
  }
  return true;
}

struct Writing {
  std::string text;  // of the chain: where it stands, and its rules
  std::string place;
  bool is_told = true;
};

std::string in_one_line(std::string_view text) {
  std::string line;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    // A line that goes on in the next one.
    const bool is_joint = c == '\\' && text.substr(i + 1, 1) == "\n";
    const bool is_blank = is_joint || c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (is_blank && (line.empty() || line.back() == ' ')) continue;
    line += is_blank ? ' ' : c;
  }
  return line;
}

std::vector<Writing> all_of(const Ruleset& ruleset, const Sources& sources, IpVersion version) {
  std::vector<Writing> all;
  for (const Table& table : ruleset.tables) {
    // Tables of netdev and bridge see packets of both.
    const IpVersions versions = ip_versions(table.family);
    if (table.is_dormant || !(versions.has(version) || versions.empty())) continue;
    for (const ChainId id : table.chains) {
      const Chain& chain = ruleset[id];
      const bool is_one = std::ranges::any_of(
          chain.rules, [&](RuleId rule) { return writes(ruleset, ruleset[rule]); });
      if (!is_one) continue;
      Writing writing;
      writing.place = fmt::format("{} {} {}", to_text(table.family), table.name, chain.name);
      writing.is_told = chain.base.has_value();
      if (chain.base) {
        writing.text = fmt::format("{} {} {} {} {}\n", writing.place, to_text(chain.base->type),
                                   to_text(chain.base->hook), chain.base->priority,
                                   to_text(chain.base->policy));
      }
      for (const RuleId rule : chain.rules) {
        writing.text += in_one_line(sources.text(ruleset[rule].text)) + "\n";
        // What a name stands for may be another thing in the other ruleset.
        const bool has_name =
            sources.text(ruleset[rule].text).find_first_of("$@") != std::string_view::npos;
        writing.is_told = writing.is_told && !has_name && stands_alone(ruleset, ruleset[rule]);
      }
      all.push_back(std::move(writing));
    }
  }
  return all;
}

}  // namespace

std::optional<std::string> changed_headers(const Ruleset& before, const Sources& before_sources,
                                           const Ruleset& after, const Sources& after_sources,
                                           IpVersion version) {
  const auto old_ones = all_of(before, before_sources, version);
  const auto new_ones = all_of(after, after_sources, version);
  for (const auto* all : {&old_ones, &new_ones}) {
    for (const Writing& writing : *all) {
      if (writing.is_told) continue;
      return fmt::format(
          "statements of chain {} set addresses or ports, and it is not known "
          "that they do so for the same packets",
          writing.place);
    }
  }
  for (std::size_t i = 0; i < std::max(old_ones.size(), new_ones.size()); ++i) {
    const bool is_same =
        i < old_ones.size() && i < new_ones.size() && old_ones[i].text == new_ones[i].text;
    if (is_same) continue;
    const Writing& told = i < new_ones.size() ? new_ones[i] : old_ones[i];
    return fmt::format(
        "statements of chain {} set addresses or ports, and are not the same in "
        "both rulesets",
        told.place);
  }
  return std::nullopt;
}

}  // namespace untrack
