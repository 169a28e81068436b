#include "analysis/program/deeds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "analysis/program/entry_tests.hpp"
#include "analysis/program/tracking_place.hpp"

namespace untrack {
namespace {

// Matches of the rule that look at entries: who compares packets leaves them aside.
std::string asked_of_entries(const Ruleset& ruleset, const Rule& rule) {
  std::vector<std::string> all;
  for (const Construct& construct : slice(ruleset.constructs, rule.constructs)) {
    if (asks_of_entry(ruleset, construct)) all.push_back(deed_text(ruleset, construct));
  }
  std::ranges::sort(all);
  return fmt::format("{}", fmt::join(all, " "));
}

const NatStatement* translation_of(const Ruleset& ruleset, ConstructId id) {
  for (const RulePart& part : slice(ruleset.parts, ruleset[ruleset[id].rule].parts)) {
    if (part.construct != id) continue;
    const auto* statement = std::get_if<Statement>(&part.what);
    const auto* nat = statement == nullptr ? nullptr : std::get_if<NatStatement>(statement);
    if (nat != nullptr) return nat;
  }
  return nullptr;
}

// Addresses and ports of NAT by a map are all between the first and the last.
bool is_by_map(const Ruleset& ruleset, ConstructId id) {
  return ruleset[id].language == Language::nft &&
         deed_text(ruleset, ruleset[id]).find(" map ") != std::string::npos;
}

// Of two languages the names differ for the same thing.
bool are_of_other_kinds(const Construct& a, const Construct& b) {
  if (a.language == b.language) return a.extension != b.extension;
  return a.extension == nullptr || b.extension == nullptr || a.extension->role != b.extension->role;
}

bool lead_alike(const Ruleset& a, const NatStatement& one, const Ruleset& b,
                const NatStatement& other) {
  return one.kind == other.kind &&
         std::ranges::equal(slice(a.intervals, one.addresses),
                            slice(b.intervals, other.addresses)) &&
         std::ranges::equal(slice(a.intervals, one.ports), slice(b.intervals, other.ports));
}

}  // namespace

bool is_deed(const Construct& construct) {
  if (construct.kind != catalog::ExtensionKind::target || construct.extension == nullptr) {
    return false;
  }
  using enum catalog::Role;
  switch (construct.extension->role) {
    case nat:
    case mangle:
    case helper:
    case connmark:
    case tracking_control:
    case synproxy:
      return true;
    case observe: {  // copies go to others; what is logged does not
      const std::string_view name = construct.extension->name;
      return name == "TEE" || name == "dup";
    }
    case packet_field:
    case history:
    case host_fact:
    case state_match:
    case entry_match:
    case connection_count:
    case notrack:
    case verdict:
    case annotation:
      return false;
  }
  return true;
}

bool gives_template(const Ruleset& ruleset, ConstructId construct) {
  const Construct& asked = ruleset[construct];
  if (asked.kind != catalog::ExtensionKind::target || asked.extension == nullptr) return false;
  if (asked.language == Language::iptables) return asked.extension->name == "CT";
  return deed_text(ruleset, asked).starts_with("ct zone set");
}

std::string deed_text(const Ruleset& ruleset, const Construct& construct) {
  const auto given = slice(ruleset.options, construct.options);
  if (construct.language == Language::nft && !given.empty()) {
    return std::string(given.front().value);
  }
  std::vector<std::string> options;
  for (const OptionUse& option : given) {
    options.push_back(fmt::format("{}--{}{}{}", option.negated ? "! " : "",
                                  option.row == nullptr ? option.name.view() : option.row->name,
                                  option.value.empty() ? "" : " ", option.value));
  }
  std::ranges::sort(options);
  std::string text(construct.extension == nullptr ? construct.name.view()
                                                  : construct.extension->name);
  for (const std::string& option : options) text += ' ' + option;
  return text;
}

Likeness compare_deeds(const Ruleset& before, ConstructId old_one, const Ruleset& after,
                       ConstructId new_one) {
  const Construct& a = before[old_one];
  const Construct& b = after[new_one];
  const NatStatement* one = translation_of(before, old_one);
  const NatStatement* other = translation_of(after, new_one);
  if (one != nullptr && other != nullptr) {
    const bool is_known = !is_by_map(before, old_one) && !is_by_map(after, new_one);
    if (is_known && !lead_alike(before, *one, after, *other)) return Likeness::different;
  } else if (are_of_other_kinds(a, b)) {
    return Likeness::different;
  }
  const bool asks_alike = a.language == b.language && asked_of_entries(before, before[a.rule]) ==
                                                          asked_of_entries(after, after[b.rule]);
  if (asks_alike && deed_text(before, a) == deed_text(after, b)) {
    const bool is_in_place =
        tracking_place(before, before[a.rule].chain) == tracking_place(after, after[b.rule].chain);
    return is_in_place ? Likeness::same : Likeness::perhaps;
  }
  // Words of iptables say what is set, and there are few ways to say it.
  const bool is_told =
      one == nullptr && a.language == Language::iptables && a.language == b.language;
  return is_told && asks_alike ? Likeness::different : Likeness::perhaps;
}

}  // namespace untrack
