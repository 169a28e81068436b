#include "app/pipeline/translated.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

namespace untrack {
namespace {

constexpr std::string_view blanks = " \t\r\n\\";

// The word `nat` of `type nat`, with which the declaration of a base chain begins behind its name.
std::optional<Span> type_of(const Sources& sources, const Chain& chain) {
  const std::string_view rest = sources[chain.span.source].text().substr(chain.span.begin);
  const std::string_view text = rest.substr(0, rest.find('}'));
  std::size_t at = 0;
  bool is_next = false;
  while (true) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n\\{};", at);
    if (begin == std::string_view::npos) return std::nullopt;
    const std::size_t end = std::min(text.find_first_of(" \t\r\n\\{};", begin), text.size());
    const std::string_view word = text.substr(begin, end - begin);
    if (is_next) {
      if (word != "nat") return std::nullopt;
      return Span{chain.span.source, chain.span.begin + static_cast<std::uint32_t>(begin),
                  chain.span.begin + static_cast<std::uint32_t>(end)};
    }
    is_next = word == "type";
    at = end;
  }
}

// `ip daddr set A accept` in the place of `dnat to A`, with the address as it is written there.
Edit payload_statement(const Loaded& loaded, const TranslationRule& rule, IpVersion version) {
  const Span span = loaded.ruleset.parts[rule.part].span_in(loaded.ruleset[rule.rule]);
  const std::string_view text = loaded.sources->text(span);
  const std::string_view address = text.substr(text.find_last_of(blanks) + 1);
  return {span, fmt::format("{} {} set {} accept", version == IpVersion::ipv4 ? "ip" : "ip6",
                            rule.is_destination ? "daddr" : "saddr", address)};
}

IpVersion version_of(const Ruleset& ruleset, const TranslationRule& translated) {
  const Rule& rule = ruleset[translated.rule];
  IpVersions versions = ip_versions(ruleset[ruleset[rule.chain].table].family);
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* match = std::get_if<Match>(&part.what);
    const auto* family = match == nullptr ? nullptr : std::get_if<FamilyTest>(match);
    if (family != nullptr) versions = versions & family->ip_versions;
  }
  return versions.has(IpVersion::ipv4) ? IpVersion::ipv4 : IpVersion::ipv6;
}

// The rule of the way out becomes one of the way in, which comes to postrouting, too: "in over the
// interface, for the address inside, INVALID: dropped".
void refuse_invalid(Ruleset& ruleset, const TranslationRule& translated) {
  Rule& rule = ruleset.rules[translated.rule.index()];
  std::vector<RulePart> parts;
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* match = std::get_if<Match>(&part.what);
    if (match == nullptr) continue;
    RulePart turned = part;
    auto& test = std::get<Match>(turned.what);
    if (auto* name = std::get_if<NameTest>(&test)) name->field = Field::in_interface;
    if (auto* field = std::get_if<FieldTest>(&test)) field->field = Field::destination_address;
    parts.push_back(turned);
  }
  const Span& text = rule.text;
  parts.push_back({text, {}, Match(StateTest{CtStates(CtState::invalid), false})});
  parts.push_back({text, {}, Statement(VerdictStatement{Verdict::drop})});
  rule.parts.first = static_cast<std::uint32_t>(ruleset.parts.size());
  rule.parts.count = static_cast<std::uint32_t>(parts.size());
  ruleset.parts.insert(ruleset.parts.end(), parts.begin(), parts.end());
}

}  // namespace

PutAside put_aside_as_original(Loaded& loaded) {
  const Translations found = translations_of(loaded.ruleset, *loaded.sources, TranslationForm::nat);
  PutAside aside = put_translation_aside(loaded, TranslationForm::nat);
  if (loaded.translations.empty()) return aside;
  for (const TranslationRule& rule : found.rules) {
    if (!rule.is_destination) refuse_invalid(loaded.ruleset, rule);
  }
  return aside;
}

PutAside put_translation_aside(Loaded& loaded, TranslationForm form) {
  PutAside result;
  Ruleset& ruleset = loaded.ruleset;
  const Translations found = translations_of(ruleset, *loaded.sources, form);
  result.obstacles = found.obstacles;
  if (form == TranslationForm::nat) {
    for (const ChainId chain : found.chains) {
      const auto type = type_of(*loaded.sources, ruleset[chain]);
      if (type) {
        result.edits.push_back({*type, "filter"});
      } else {
        result.obstacles.push_back(
            {ruleset[chain].span,
             "its declaration does not stand in words of nft, where its type could be changed"});
      }
    }
  }
  if (!result.obstacles.empty()) {
    result.edits.clear();
    return result;
  }
  for (const TranslationRule& row : found.rules) {
    if (form == TranslationForm::nat) {
      result.edits.push_back(payload_statement(loaded, row, version_of(ruleset, row)));
      loaded.translated_with_state = loaded.translated_with_state | version_of(ruleset, row);
      // What tracked because of the translation alone.
      ruleset.rules[row.rule.index()].constructs.count = 0;
    }
    RulePart& part = ruleset.parts[row.part];
    part.construct = {};
    // What is accepted behind the address that is set may be no statement of its own.
    if (row.is_destination) {
      part.what = Statement(VerdictStatement{Verdict::drop});
    } else if (form == TranslationForm::nat) {
      part.what = Statement(VerdictStatement{Verdict::accept});
    } else {
      part.what = Statement(PassiveStatement{"counter"});
    }
  }
  if (form == TranslationForm::nat) {
    for (const ChainId chain : found.chains) {
      ruleset.chains[chain.index()].base->type = ChainType::filter;
    }
  }
  loaded.translations = found.list;
  return result;
}

EditSet with_translation(EditSet edits, const PutAside& aside) {
  for (const Edit& edit : aside.edits) {
    // What was in the way is found when the text is read again: it does not translate alike.
    (void)edits.add(edit);
  }
  return edits;
}

Assumptions with_translation(Assumptions assumptions) {
  assumptions.set(Assumption::translated_apart, true);
  assumptions.set(Assumption::errors_untranslated, true);
  return assumptions;
}

}  // namespace untrack
