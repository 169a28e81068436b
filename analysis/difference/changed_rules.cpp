#include "analysis/difference/changed_rules.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "analysis/difference/exchanged_rules.hpp"
#include "analysis/difference/same_rules.hpp"

namespace untrack {
namespace {

class RulePairs {
 public:
  RulePairs(const Ruleset& before, const Ruleset& after, IpVersion version)
      : old_(before),
        new_(after),
        version_(version),
        same_(before, after, found_.partners),
        surveyors_{RuleSurveyor(before, version), RuleSurveyor(after, version)} {
    found_.partners.resize(before.chains.size());
    for (const std::size_t side : {0U, 1U}) {
      const std::size_t rules = (side == 0 ? before : after).rules.size();
      found_.changed[side].resize(rules);
      is_surveyed_[side].resize(rules);
    }
  }

  std::optional<PairedRules> find() {
    if (!pair_chains()) return std::nullopt;
    compare_in_step();
    for (std::size_t i = 0; i < found_.partners.size(); ++i) {
      if (found_.partners[i].names_something()) compare(ChainId(i), found_.partners[i]);
    }
    for (const std::size_t side : {0U, 1U}) {
      for (std::size_t i = 0; i < is_surveyed_[side].size(); ++i) {
        if (!is_surveyed_[side][i]) (void)surveyors_[side].look_at(RuleId(i));
      }
      found_.surveys[side] = surveyors_[side].take();
    }
    return std::move(found_);
  }

 private:
  // A table, by what tells it from others.
  using TableKey = std::tuple<Family, Language, std::string_view>;

  [[nodiscard]] bool is_seen(const Table& table) const {
    return !table.is_dormant && ip_versions(table.family).has(version_);
  }

  // False: a name is of two tables, or of two chains of one table.
  bool pair_chains() {
    std::map<TableKey, const Table*> old_tables;
    for (const Table& table : old_.tables) {
      if (!is_seen(table)) continue;
      if (!old_tables.try_emplace({table.family, table.language, table.name}, &table).second) {
        return false;
      }
    }
    std::map<TableKey, bool> known;
    for (const Table& table : new_.tables) {
      if (!is_seen(table)) continue;
      const TableKey key{table.family, table.language, table.name};
      if (!known.try_emplace(key, true).second) return false;
      const auto old = old_tables.find(key);
      if (old != old_tables.end() && !pair_chains(*old->second, table)) return false;
    }
    return true;
  }

  bool pair_chains(const Table& old_table, const Table& new_table) {
    std::unordered_map<std::string_view, ChainId> by_name;
    by_name.reserve(old_table.chains.size());
    for (const ChainId chain : old_table.chains) {
      if (!by_name.try_emplace(old_[chain].name, chain).second) return false;
    }
    for (const ChainId chain : new_table.chains) {
      const auto at = by_name.find(new_[chain].name);
      if (at == by_name.end()) continue;
      ChainId& partner = found_.partners[at->second.index()];
      if (partner.names_something()) return false;
      partner = chain;
    }
    return true;
  }

  using Rules = std::span<const RuleId>;

  // Most rules stand where they stood in the text, which is their order in memory: compared in it,
  // nothing is waited for, as it is where chains are written by turns and each is gone through for
  // itself. Of texts of one length each rule with that of its number; of others the beginnings,
  // and the ends.
  void compare_in_step() {
    const std::size_t old_count = old_.rules.size();
    const std::size_t new_count = new_.rules.size();
    const std::size_t least = std::min(old_count, new_count);
    is_in_step_.resize(old_count);
    found_.twins.reserve(least);
    const auto is_same = [&](std::size_t left, std::size_t right) {
      if (!same_.are_same(RuleId(left), RuleId(right))) return false;
      is_in_step_[left] = true;
      survey(RuleId(left), RuleId(right));
      return true;
    };
    first_late_ = 0;
    while (first_late_ < least && (is_same(first_late_, first_late_) || old_count == new_count)) {
      ++first_late_;
    }
    std::size_t at_end = 0;
    while (at_end < least - first_late_ &&
           is_same(old_count - 1 - at_end, new_count - 1 - at_end)) {
      ++at_end;
    }
  }

  bool are_same(RuleId left, RuleId right) {
    const std::size_t late = left.index() < first_late_ ? 0 : new_.rules.size() - old_.rules.size();
    if (is_in_step_[left.index()] && right.index() == left.index() + late) return true;
    return same_.are_same(left, right);
  }

  void compare(ChainId old_chain, ChainId new_chain) {
    Rules left(old_[old_chain].rules);
    Rules right(new_[new_chain].rules);
    take_equal_ends(left, right);
    if (left.empty() || right.empty()) return mark(left, right);
    // Rules of which there is one in each, as far as they stand in one order; between them the ends
    // that are equal.
    std::unordered_map<std::uint64_t, std::array<std::vector<std::size_t>, 2>> places;
    for (std::size_t i = 0; i < left.size(); ++i) {
      places[SameRules::hash_of(old_, left[i])][0].push_back(i);
    }
    for (std::size_t i = 0; i < right.size(); ++i) {
      places[SameRules::hash_of(new_, right[i])][1].push_back(i);
    }
    std::vector<TwinPlaces> twins;
    for (std::size_t i = 0; i < left.size(); ++i) {
      const auto& [here, there] = places[SameRules::hash_of(old_, left[i])];
      if (here.size() == 1 && there.size() == 1 && are_same(left[i], right[there.front()])) {
        twins.push_back({i, there.front()});
      }
    }
    std::vector<TwinPlaces> kept = rising(twins);
    add_equal_ends(left, right, kept);
    std::vector<bool> is_kept_left(left.size());
    std::vector<bool> is_kept_right(right.size());
    const auto keep = [&](const TwinPlaces& twin) {
      is_kept_left[twin.left] = true;
      is_kept_right[twin.right] = true;
    };
    for (const TwinPlaces& twin : kept) keep(twin);
    // And what stands in another order that means the same.
    std::erase_if(twins, [&](const TwinPlaces& twin) {
      return is_kept_left[twin.left] || is_kept_right[twin.right];
    });
    for (const TwinPlaces& twin : exchanged_rules(old_, left, kept, twins)) {
      keep(twin);
      kept.push_back(twin);
    }
    for (const TwinPlaces& twin : kept) pair(left[twin.left], right[twin.right]);
    mark(left, is_kept_left, 0);
    mark(right, is_kept_right, 1);
  }

  // The longest run of twins that rises on both sides, of twins that rise on the left.
  static std::vector<TwinPlaces> rising(const std::vector<TwinPlaces>& twins) {
    std::vector<std::size_t> tails;  // of twins: the last of the best run of each length
    std::vector<std::size_t> before(twins.size());
    for (std::size_t i = 0; i < twins.size(); ++i) {
      const auto at = std::ranges::lower_bound(tails, twins[i].right, {},
                                               [&](std::size_t t) { return twins[t].right; });
      before[i] = at == tails.begin() ? i : *(at - 1);
      if (at == tails.end()) {
        tails.push_back(i);
      } else {
        *at = i;
      }
    }
    std::vector<TwinPlaces> kept(tails.size());
    std::size_t twin = tails.empty() ? 0 : tails.back();
    for (std::size_t i = kept.size(); i-- > 0; twin = before[twin]) kept[i] = twins[twin];
    return kept;
  }

  // Of what stands between them, the ends that are equal.
  void add_equal_ends(Rules left, Rules right, std::vector<TwinPlaces>& kept) {
    std::vector<TwinPlaces> all;
    TwinPlaces from;
    const auto between = [&](const TwinPlaces& next) {
      std::size_t left_end = next.left;
      std::size_t right_end = next.right;
      for (; from.left < left_end && from.right < right_end &&
             are_same(left[from.left], right[from.right]);
           ++from.left, ++from.right) {
        all.push_back(from);
      }
      for (; from.left < left_end && from.right < right_end &&
             are_same(left[left_end - 1], right[right_end - 1]);
           --left_end, --right_end) {
        all.push_back({left_end - 1, right_end - 1});
      }
    };
    for (const TwinPlaces& next : kept) {
      between(next);
      all.push_back(next);
      from = {next.left + 1, next.right + 1};
    }
    between({left.size(), right.size()});
    kept = std::move(all);
  }

  void take_equal_ends(Rules& left, Rules& right) {
    while (!left.empty() && !right.empty() && are_same(left.front(), right.front())) {
      pair(left.front(), right.front());
      left = left.subspan(1);
      right = right.subspan(1);
    }
    while (!left.empty() && !right.empty() && are_same(left.back(), right.back())) {
      pair(left.back(), right.back());
      left = left.first(left.size() - 1);
      right = right.first(right.size() - 1);
    }
  }

  void mark(Rules left, Rules right) {
    for (const RuleId rule : left) found_.changed[0][rule.index()] = true;
    for (const RuleId rule : right) found_.changed[1][rule.index()] = true;
  }

  void mark(Rules rules, const std::vector<bool>& is_kept, std::size_t side) {
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (!is_kept[i]) found_.changed[side][rules[i].index()] = true;
    }
  }

  void pair(RuleId left, RuleId right) {
    if (!is_surveyed_[0][left.index()] && !is_surveyed_[1][right.index()]) survey(left, right);
    found_.twins.emplace_back(left, right);
  }

  // Two that say the same, while they are at hand.
  void survey(RuleId left, RuleId right) {
    const RuleSurveyor::Found found = surveyors_[0].look_at(left);
    const ChainId jump =
        found.jump.names_something() ? found_.partners[found.jump.index()] : ChainId();
    surveyors_[1].take_over(right, found, surveyors_[0].so_far(), left, old_, jump);
    is_surveyed_[0][left.index()] = true;
    is_surveyed_[1][right.index()] = true;
  }

  const Ruleset& old_;
  const Ruleset& new_;
  IpVersion version_;
  PairedRules found_;
  SameRules same_;
  std::array<RuleSurveyor, 2> surveyors_;
  std::array<std::vector<bool>, 2> is_surveyed_;
  // By RuleId of the old ruleset: it says the same as the rule of the new one that has its number,
  // or, from first_late_ on, the same place from the end.
  std::vector<bool> is_in_step_;
  std::size_t first_late_ = 0;
};

// The same base chains in the same order on each way, with the same policies.
bool have_same_runs(const Program& before, const Program& after,
                    const std::vector<ChainId>& partners) {
  return std::ranges::all_of(all_paths, [&](Path path) {
    return std::ranges::equal(before.runs(path), after.runs(path), [&](const Run& a, const Run& b) {
      return partners[a.chain.index()] == b.chain && a.hook == b.hook &&
             a.is_before_conntrack == b.is_before_conntrack && a.is_nat == b.is_nat &&
             before.ruleset()[a.chain].base->policy == after.ruleset()[b.chain].base->policy;
    });
  });
}

// Whether both programs take each part of the rules, which say the same, for the same.
bool are_judged_alike(const Program& before, const Program& after, RuleId left, RuleId right) {
  const auto a = before.ruleset()[left].parts;
  const auto b = after.ruleset()[right].parts;
  for (std::uint32_t i = 0; i < a.count; ++i) {
    if (before.kind(a.first + i) != after.kind(b.first + i) ||
        before.variable(a.first + i) != after.variable(b.first + i)) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::optional<PairedRules> pair_rules(const Ruleset& before, const Ruleset& after,
                                      IpVersion version) {
  return RulePairs(before, after, version).find();
}

std::optional<RulesOfBoth> changed_rules(const Program& before, const Program& after,
                                         const PairedRules& pairs) {
  const bool is_judged_alike = before.tracks() == after.tracks() &&
                               before.reassembles() == after.reassembles() &&
                               before.obeys_notrack() == after.obeys_notrack() &&
                               before.template_variable() == after.template_variable();
  if (!is_judged_alike || !have_same_runs(before, after, pairs.partners)) return std::nullopt;
  RulesOfBoth changed = pairs.changed;
  for (const auto& [left, right] : pairs.twins) {
    // All others are the same in every program.
    if (!pairs.surveys[0].is_special[left.index()] && !pairs.surveys[1].is_special[right.index()]) {
      continue;
    }
    if (are_judged_alike(before, after, left, right)) continue;
    changed[0][left.index()] = true;
    changed[1][right.index()] = true;
  }
  return changed;
}

}  // namespace untrack
