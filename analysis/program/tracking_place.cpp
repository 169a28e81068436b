#include "analysis/program/tracking_place.hpp"

#include <algorithm>
#include <span>
#include <vector>

#include "analysis/program/hook_order.hpp"

namespace untrack {
namespace {

bool is_ahead(const BaseChain& base) {
  return (base.hook == Hook::prerouting || base.hook == Hook::output) &&
         place_among_chains(base) < conntrack_priority;
}

// What fills a map of verdicts at run time may lead from anywhere to any chain.
bool may_jump_anywhere(const Ruleset& ruleset, const Table& table) {
  return std::ranges::any_of(table.sets, [&](SetId id) {
    const NamedSet& set = ruleset[id];
    return set.kind == SetKind::nft_verdict_map && (set.is_dynamic || !set.contents_known);
  });
}

// Of a table with base chains in both places: which of them lead to the chain.
TrackingPlace place_of_callers(const Ruleset& ruleset, ChainId chain) {
  bool has_ahead = false;
  bool has_behind = false;
  std::vector<bool> is_known(ruleset.chains.size());
  std::vector<ChainId> open{chain};
  while (!open.empty() && !(has_ahead && has_behind)) {
    const ChainId each = open.back();
    open.pop_back();
    if (is_known[each.index()]) continue;
    is_known[each.index()] = true;
    if (const auto& base = ruleset[each].base) (is_ahead(*base) ? has_ahead : has_behind) = true;
    const std::vector<ChainId>& callers = ruleset[each].callers;
    open.insert(open.end(), callers.begin(), callers.end());
  }
  if (has_ahead == has_behind) return TrackingPlace::either;
  return has_ahead ? TrackingPlace::ahead : TrackingPlace::behind;
}

}  // namespace

TrackingPlace tracking_place(const Ruleset& ruleset, ChainId chain) {
  if (!chain.names_something()) return TrackingPlace::behind;
  if (const auto& base = ruleset[chain].base) {
    return is_ahead(*base) ? TrackingPlace::ahead : TrackingPlace::behind;
  }
  bool has_ahead = false;
  bool has_behind = false;
  const Table& table = ruleset[ruleset[chain].table];
  for (const ChainId other : table.chains) {
    const auto& base = ruleset[other].base;
    if (base) (is_ahead(*base) ? has_ahead : has_behind) = true;
    // Tables of iptables begin with the built-in chains, and some have ten thousands of others.
    if (!base && table.language == Language::iptables) break;
    if (has_ahead && has_behind) break;
  }
  if (has_ahead && has_behind) {
    return may_jump_anywhere(ruleset, table) ? TrackingPlace::either
                                             : place_of_callers(ruleset, chain);
  }
  return has_ahead ? TrackingPlace::ahead : TrackingPlace::behind;
}

bool asks_state_ahead(const Ruleset& ruleset) {
  const auto looks_up = [](const SetTest& test) {
    const auto fields = std::span(test.fields).first(test.field_count);
    return std::ranges::find(fields, Field::ct_state) != fields.end();
  };
  const auto asks = [&](const RulePart& part) {
    if (const auto* match = std::get_if<Match>(&part.what)) {
      const auto* set = std::get_if<SetTest>(match);
      return std::holds_alternative<StateTest>(*match) || (set != nullptr && looks_up(*set));
    }
    const auto* map = std::get_if<VerdictMapStatement>(&std::get<Statement>(part.what));
    return map != nullptr && looks_up(ruleset[*map].key);
  };
  for (std::size_t i = 0; i < ruleset.chains.size(); ++i) {
    // The place is dear to find, in a table with chains on both sides.
    const bool has_test = std::ranges::any_of(ruleset.chains[i].rules, [&](RuleId rule) {
      return std::ranges::any_of(slice(ruleset.parts, ruleset[rule].parts), asks);
    });
    if (has_test && tracking_place(ruleset, ChainId(i)) != TrackingPlace::behind) return true;
  }
  return false;
}

}  // namespace untrack
