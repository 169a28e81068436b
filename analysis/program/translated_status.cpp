#include "analysis/program/translated_status.hpp"

#include <algorithm>
#include <variant>

#include "analysis/program/destinations.hpp"

namespace untrack {
namespace {

constexpr CtStates both = CtStates(CtState::snat) | CtStates(CtState::dnat);

bool sets_source(const NatStatement& nat) {
  return nat.kind == NatKind::snat || nat.kind == NatKind::masquerade ||
         nat.kind == NatKind::netmap;
}

}  // namespace

bool has_place_to_translate(const Ruleset& ruleset, IpVersion version) {
  return std::ranges::any_of(ruleset.chains, [&](const Chain& chain) {
    return chain.base && chain.base->type == ChainType::nat &&
           ip_versions(ruleset[chain.table].family).has(version);
  });
}

bool may_translate(const Ruleset& ruleset, IpVersion version, CtState snat_or_dnat) {
  if (!has_place_to_translate(ruleset, version)) return true;
  const auto is_open = [](const Table& table) { return table.is_partial; };
  const auto is_fault = [](const Problem& problem) { return problem.kind != ProblemKind::note; };
  return std::ranges::any_of(ruleset.tables, is_open) ||
         std::ranges::any_of(ruleset.problems, is_fault) ||
         std::ranges::any_of(ruleset.parts, [&](const RulePart& part) {
           const auto* statement = std::get_if<Statement>(&part.what);
           const auto* nat = statement == nullptr ? nullptr : std::get_if<NatStatement>(statement);
           return nat != nullptr &&
                  (snat_or_dnat == CtState::dnat ? sets_destination(*nat) : sets_source(*nat));
         });
}

bool asks_of_unseen_translation(const Ruleset& ruleset, IpVersion version) {
  if (has_place_to_translate(ruleset, version)) return false;
  const auto asks = [&](const RulePart& part) {
    const auto* match = std::get_if<Match>(&part.what);
    const auto* test = match == nullptr ? nullptr : std::get_if<StateTest>(match);
    return test != nullptr ? !(test->states & both).empty()
                           : !translation_asked(ruleset, part).empty();
  };
  return std::ranges::any_of(ruleset.chains, [&](const Chain& chain) {
    return ip_versions(ruleset[chain.table].family).has(version) &&
           std::ranges::any_of(chain.rules, [&](RuleId rule) {
             return std::ranges::any_of(slice(ruleset.parts, ruleset[rule].parts), asks);
           });
  });
}

CtStates translation_asked(const Ruleset& ruleset, const RulePart& part) {
  const auto* match = std::get_if<Match>(&part.what);
  if (match == nullptr) return {};
  if (const auto* test = std::get_if<StateTest>(match)) {
    const bool is_alone = !test->negated && (test->states | both) == both;
    return is_alone ? test->states : CtStates();
  }
  const auto* opaque = std::get_if<OpaqueTest>(match);
  if (opaque == nullptr || opaque->negated || !part.construct.names_something()) return {};
  const Construct& construct = ruleset[part.construct];
  if (construct.language != Language::nft || construct.name != "ct status") return {};
  const std::string_view key = opaque->key;
  if (key == "ct status == dnat") return CtState::dnat;
  return key == "ct status == snat" ? CtStates(CtState::snat) : CtStates();
}

bool asks_in_vain(const Ruleset& ruleset, IpVersion version, const RulePart& part) {
  const CtStates asked = translation_asked(ruleset, part);
  if (asked.empty()) return false;
  return std::ranges::none_of(
      std::initializer_list<CtState>{CtState::snat, CtState::dnat},
      [&](CtState status) { return asked.has(status) && may_translate(ruleset, version, status); });
}

}  // namespace untrack
