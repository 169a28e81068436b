// What becomes of packets that pass, as words that can be compared.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "analysis/program/deeds.hpp"
#include "analysis/program/side_work.hpp"
#include "analysis/program/working_rules.hpp"
#include "model/address_text.hpp"

namespace untrack {
namespace {

void add_ends(std::string& text, const Interval& values, const auto& end_text) {
  text += end_text(values.first);
  if (values.first != values.last) text += '-' + end_text(values.last);
}

std::string translation_text(const Ruleset& ruleset, const NatStatement& nat, IpVersion version) {
  std::string text(to_text(nat.kind));
  for (const Interval& addresses : slice(ruleset.intervals, nat.addresses)) {
    text += " to ";
    add_ends(text, addresses, [&](Number end) { return address_text(end, version); });
  }
  for (const Interval& ports : slice(ruleset.intervals, nat.ports)) {
    text += " port ";
    add_ends(text, ports, [](Number end) { return fmt::format("{}", static_cast<unsigned>(end)); });
  }
  return text;
}

// Nothing: no deed, or one that cannot be told in words of both languages.
std::optional<std::string> deed_of(const Ruleset& ruleset, const Table& table, const RulePart& part,
                                   bool is_of_one_language) {
  const auto* statement = std::get_if<Statement>(&part.what);
  if (statement == nullptr || !part.construct.names_something()) return std::nullopt;
  if (std::holds_alternative<NotrackStatement>(*statement)) return std::nullopt;  // told apart
  const Construct& construct = ruleset[part.construct];
  if (!is_deed(construct)) return std::nullopt;
  if (is_of_one_language) return deed_text(ruleset, construct);
  const auto* nat = std::get_if<NatStatement>(statement);
  if (nat == nullptr) return std::nullopt;
  const bool is_ipv6 = table.family == Family::ip6;
  return translation_text(ruleset, *nat, is_ipv6 ? IpVersion::ipv6 : IpVersion::ipv4);
}

SideWorkKind kind_of(const Ruleset& ruleset, const RulePart& part) {
  using enum catalog::Role;
  const catalog::Role role = ruleset[part.construct].extension->role;
  return role == mangle || role == observe ? SideWorkKind::packets : SideWorkKind::entries;
}

bool has_rules_of(const Ruleset& ruleset, Language language) {
  return std::ranges::any_of(ruleset.tables, [&](const Table& table) {
    return table.language == language && std::ranges::any_of(table.chains, [&](ChainId chain) {
             return !ruleset[chain].rules.empty();
           });
  });
}

}  // namespace

SideWorkOfBoth deeds_of(const Program& before, const Program& after) {
  const std::array<const Program*, 2> both = {&before, &after};
  const auto has = [&](Language language) {
    return std::ranges::any_of(
        both, [&](const Program* one) { return has_rules_of(one->ruleset(), language); });
  };
  const bool is_of_one_language = !(has(Language::iptables) && has(Language::nft));
  SideWorkOfBoth found;
  for (std::size_t i = 0; i < both.size(); ++i) {
    const Ruleset& ruleset = both[i]->ruleset();
    for_each_working_part(*both[i], [&](const Table& table, RuleId rule, std::uint32_t part) {
      auto text = deed_of(ruleset, table, ruleset.parts[part], is_of_one_language);
      if (!text) return;
      found.works[i][static_cast<std::uint32_t>(rule.index())].push_back(
          {part, std::move(*text), kind_of(ruleset, ruleset.parts[part])});
    });
  }
  return found;
}

}  // namespace untrack
