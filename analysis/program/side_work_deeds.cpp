// What becomes of packets that pass, as words that can be compared.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "analysis/program/deeds.hpp"
#include "analysis/program/reject_answer.hpp"
#include "analysis/program/side_work.hpp"
#include "analysis/program/tracking_place.hpp"
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

struct Deed {
  std::string text;
  SideWorkKind kind = SideWorkKind::packets;
};

// Zones, and what CT gives, are given ahead of connection tracking, all else works behind it.
std::string_view words_of_place(const Ruleset& ruleset, const Construct& construct) {
  const std::string text = deed_text(ruleset, construct);
  const bool belongs_ahead = text.starts_with("CT ") || text.starts_with("ct zone");
  switch (tracking_place(ruleset, ruleset[construct.rule].chain)) {
    case TrackingPlace::ahead:
      return belongs_ahead ? "" : " ahead of connection tracking";
    case TrackingPlace::behind:
      return belongs_ahead ? " behind connection tracking" : "";
    case TrackingPlace::either:
      break;
  }
  return "";
}

std::string mark_text(const MarkStatement& mark) {
  return fmt::format("mark set 0x{:x}/0x{:x}", mark.value, mark.mask);
}

// Of nft, which has statements that need no extension. Counters and the like do nothing to packets.
std::optional<Deed> deed_without_extension(const Statement& statement) {
  if (const auto* mark = std::get_if<MarkStatement>(&statement)) return Deed{mark_text(*mark)};
  if (const auto* opaque = std::get_if<OpaqueStatement>(&statement)) {
    return Deed{std::string(opaque->key)};
  }
  const auto* passive = std::get_if<PassiveStatement>(&statement);
  if (passive == nullptr) return std::nullopt;
  const std::string_view what = passive->what;
  const bool changes = what.find(" set ") != std::string_view::npos || what.starts_with("reset ");
  return changes ? std::optional(Deed{std::string(what)}) : std::nullopt;
}

// Nothing: no deed. Translation and marks of two languages are told by what they come to, but for
// maps, of which the ruleset keeps the ends of all that they may lead to; anything else in its own
// words.
std::optional<Deed> deed_of(const Program& program, const RulePart& part, bool is_of_one_language) {
  const Ruleset& ruleset = program.ruleset();
  const auto* statement = std::get_if<Statement>(&part.what);
  if (statement == nullptr) return std::nullopt;
  if (std::holds_alternative<NotrackStatement>(*statement)) return std::nullopt;  // told apart
  if (const auto* reject = std::get_if<RejectStatement>(statement)) {
    return Deed{reject_answer(reject->with, program.version()), SideWorkKind::answers};
  }
  if (!part.construct.names_something()) return deed_without_extension(*statement);
  const Construct& construct = ruleset[part.construct];
  if (!is_deed(construct)) return std::nullopt;
  using enum catalog::Role;
  const catalog::Role role = construct.extension->role;
  const bool is_of_entry = role != mangle && role != observe;
  Deed deed{deed_text(ruleset, construct),
            is_of_entry ? SideWorkKind::entries : SideWorkKind::packets};
  if (is_of_entry) deed.text += words_of_place(ruleset, construct);
  if (is_of_one_language || deed.text.find(" map ") != std::string::npos) return deed;
  if (const auto* nat = std::get_if<NatStatement>(statement)) {
    deed.text = translation_text(ruleset, *nat, program.version());
  } else if (const auto* mark = std::get_if<MarkStatement>(statement)) {
    deed.text = mark_text(*mark);
  }
  return deed;
}

// Whether rules of iptables, and of nft, are there.
std::array<bool, 2> languages_of(const Ruleset& ruleset) {
  std::array<bool, 2> found{};
  for (const Table& table : ruleset.tables) {
    const bool has_rules = std::ranges::any_of(
        table.chains, [&](ChainId chain) { return !ruleset[chain].rules.empty(); });
    if (has_rules) found[table.language == Language::nft ? 1 : 0] = true;
  }
  return found;
}

}  // namespace

SideWorkOfBoth deeds_of(const Program& before, const Program& after) {
  const std::array<const Program*, 2> both = {&before, &after};
  const bool is_of_one_language = languages_of(before.ruleset()) == languages_of(after.ruleset());
  SideWorkOfBoth found;
  for (std::size_t i = 0; i < both.size(); ++i) {
    const Ruleset& ruleset = both[i]->ruleset();
    for_each_working_part(*both[i], [&](const Table&, RuleId rule, std::uint32_t part) {
      auto deed = deed_of(*both[i], ruleset.parts[part], is_of_one_language);
      if (!deed) return;
      found.works[i][static_cast<std::uint32_t>(rule.index())].push_back(
          {part, std::move(deed->text), deed->kind});
    });
  }
  return found;
}

}  // namespace untrack
