#include "analysis/recheck/bound.hpp"

#include <algorithm>

#include "analysis/program/entry_tests.hpp"
#include "analysis/program/translated_status.hpp"

namespace untrack::boxwise {
namespace {

bool is_option(const OptionUse& option, std::string_view name) {
  return option.row != nullptr && option.row->name == name;
}

}  // namespace

bool is_of_entries(const Ruleset& ruleset, ConstructId construct) {
  if (!construct.names_something()) return false;
  const catalog::Extension* row = ruleset[construct].extension;
  if (row == nullptr) return false;
  using enum catalog::Role;
  return asks_of_entry(ruleset, ruleset[construct]) || row->role == connmark ||
         row->role == helper || row->role == nat || row->role == tracking_control ||
         row->role == synproxy;
}

// A state that is no UNTRACKED means what it says beside what else is asked of the entry.
bool asks_entry_alone(const Ruleset& ruleset, const RulePart& part) {
  if (!is_of_entries(ruleset, part.construct)) return false;
  const auto* match = std::get_if<Match>(&part.what);
  const auto* state = match == nullptr ? nullptr : std::get_if<StateTest>(match);
  return state == nullptr || state->states.has(CtState::untracked) != state->negated;
}

std::vector<ConstructId> bindings_of(const Ruleset& ruleset, RuleId rule) {
  std::vector<ConstructId> found;
  const auto& constructs = ruleset[rule].constructs;
  for (std::uint32_t i = 0; i < constructs.count; ++i) {
    const ConstructId id(constructs.first + i);
    if (!is_of_entries(ruleset, id)) continue;
    // What asks whether a flow is translated asks for a state: the rule that translates it binds
    // it.
    const bool asks_of_translation =
        std::ranges::any_of(slice(ruleset.parts, ruleset[rule].parts), [&](const RulePart& part) {
          return part.construct == id && !translation_asked(ruleset, part).empty();
        });
    if (asks_of_translation) continue;
    const auto options = slice(ruleset.options, ruleset[id].options);
    const bool untracks = std::ranges::any_of(
        options, [](const OptionUse& option) { return is_option(option, "notrack"); });
    if (!untracks) found.push_back(id);
  }
  return found;
}

bool is_target(const Ruleset& ruleset, ConstructId construct) {
  return construct.names_something() && ruleset[construct].kind == catalog::ExtensionKind::target;
}

bool assigns_helper(const Ruleset& ruleset, ConstructId construct) {
  if (!is_target(ruleset, construct) || ruleset[construct].extension == nullptr) return false;
  const auto options = slice(ruleset.options, ruleset[construct].options);
  return std::ranges::any_of(options,
                             [](const OptionUse& option) { return is_option(option, "helper"); });
}

bool only_assigns_helper(const Ruleset& ruleset, ConstructId construct) {
  const auto options = slice(ruleset.options, ruleset[construct].options);
  return assigns_helper(ruleset, construct) &&
         std::ranges::all_of(options,
                             [](const OptionUse& option) { return is_option(option, "helper"); });
}

bool asks_for_helper(const Ruleset& ruleset, ConstructId construct) {
  if (!construct.names_something() || is_target(ruleset, construct)) return false;
  const catalog::Extension* row = ruleset[construct].extension;
  return row != nullptr && row->role == catalog::Role::helper;
}

std::string forcing_construct(const Ruleset& ruleset, IpVersion version) {
  const auto forces = [&](const Construct& construct) {
    if (construct.extension == nullptr || !construct.ip_versions.has(version)) {
      return false;
    }
    switch (construct.extension->tracking) {
      case catalog::Tracking::never:
        return false;
      case catalog::Tracking::always:
        return true;
      case catalog::Tracking::unless_notrack:
        break;
    }
    return std::ranges::none_of(slice(ruleset.options, construct.options),
                                [](const OptionUse& option) {
                                  return option.row != nullptr && option.row->name == "notrack";
                                });
  };
  for (const Table& table : ruleset.tables) {
    if (table.is_dormant || !ip_versions(table.family).has(version)) continue;
    for (const ChainId chain : table.chains) {
      for (const RuleId rule : ruleset[chain].rules) {
        for (const Construct& construct : slice(ruleset.constructs, ruleset[rule].constructs)) {
          if (forces(construct)) return display_name(construct);
        }
      }
    }
  }
  return {};
}

}  // namespace untrack::boxwise
