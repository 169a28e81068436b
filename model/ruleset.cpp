#include "model/ruleset.hpp"

#include <fmt/format.h>

#include <utility>

namespace untrack {

std::string_view to_text(NatKind kind) {
  switch (kind) {
    case NatKind::snat:
      return "snat";
    case NatKind::dnat:
      return "dnat";
    case NatKind::masquerade:
      return "masquerade";
    case NatKind::redirect:
      return "redirect";
    case NatKind::netmap:
      return "netmap";
  }
  return {};
}

bool is_declaration(const Ruleset& ruleset, const Rule& rule) {
  return rule.chain.names_something() && ruleset[rule.chain].name.empty();
}

KeptText Ruleset::short_form(std::string_view text) {
  return text.empty() ? KeptText() : KeptText(&short_forms_.emplace_back(text));
}

std::string display_name(const Construct& construct) {
  if (construct.language == Language::nft) return std::string(construct.name);
  const bool is_match = construct.kind == catalog::ExtensionKind::match;
  return (is_match ? "-m " : "-j ") + std::string(construct.name);
}

std::string to_text(const SetBounds& bounds) {
  std::string text;
  if (bounds.timeout_ms != 0) text += fmt::format(" timeout {} ms", bounds.timeout_ms);
  if (bounds.size != 0) text += fmt::format(" size {}", bounds.size);
  return text;
}

NamePattern interface_in(const NamedSet& set, const Interval& key) {
  std::string_view name = set.words[static_cast<std::size_t>(key.first)];
  const bool is_prefix = set.kind != SetKind::ipset && name.ends_with('*');
  if (is_prefix) name.remove_suffix(1);
  return {name, is_prefix};
}

std::string_view Ruleset::keep(std::string text) {
  kept_.push_back(std::move(text));
  return kept_.back();
}

std::optional<TableId> Ruleset::find_table(Family family, std::string_view name) const {
  for (std::size_t i = 0; i < tables.size(); ++i) {
    if (tables[i].family == family && tables[i].name == name) return TableId(i);
  }
  return std::nullopt;
}

std::optional<ChainId> Ruleset::find_chain(TableId table, std::string_view name) const {
  for (const ChainId id : (*this)[table].chains) {
    if (chains[id.index()].name == name) return id;
  }
  return std::nullopt;
}

}  // namespace untrack
