#include "analysis/local/cover.hpp"

#include <algorithm>

#include "analysis/plain_rules.hpp"

namespace untrack {
namespace {

// Rules that overlap more than that are the last to be covered.
constexpr std::size_t most_earlier = 2'000;
constexpr std::size_t most_pieces = 2'000;
constexpr std::size_t worth_an_index = 16;  // questions
// Interfaces are seldom the best to look for.
constexpr std::size_t indexed_keys = 4;

bool overlap(const RuleKey& a, const RuleKey& b) {
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (a[k].first > b[k].last || b[k].first > a[k].last) return false;
  }
  return true;
}

}  // namespace

ChainCover::ChainCover(const Ruleset& ruleset, const RuleBoxes& boxes, const PacketIndex& index,
                       const std::vector<RuleId>& rules, const BoxView& view, std::size_t questions)
    : ruleset_(ruleset), boxes_(boxes), index_(index), rules_(rules), view_(view) {
  if (questions < worth_an_index || rules.size() < worth_an_index) return;
  for (std::uint32_t place = 0; place < rules.size(); ++place) {
    const Rule& rule = ruleset[rules[place]];
    if (is_plain(ruleset, rule)) rows_.push_back({index.key_of(rule), place});
  }
  for (std::size_t k = 0; k < indexed_keys; ++k) {
    std::vector<Interval> column;
    column.reserve(rows_.size());
    for (const Row& row : rows_) column.push_back(row.key[k]);
    indexes_.emplace_back(column);
  }
}

bool ChainCover::find_earlier(std::size_t place, std::vector<std::uint32_t>& earlier) const {
  const RuleKey key = index_.key_of(ruleset_[rules_[place]]);
  if (indexes_.empty()) {
    for (std::uint32_t i = 0; i < place; ++i) {
      const Rule& rule = ruleset_[rules_[i]];
      if (!is_plain(ruleset_, rule) || !overlap(key, index_.key_of(rule))) continue;
      if (earlier.size() == most_earlier) return false;
      earlier.push_back(i);
    }
    return true;
  }
  std::size_t best = 0;
  std::size_t fewest = ~std::size_t{0};
  for (std::size_t k = 0; k < indexes_.size(); ++k) {
    const std::size_t count = indexes_[k].count(key[k]);
    if (count < fewest) {
      fewest = count;
      best = k;
    }
  }
  // Most of them may stand behind it, or differ elsewhere.
  constexpr std::size_t most_seen = 20 * most_earlier;
  if (fewest > most_seen) return false;
  indexes_[best].for_each(key[best], [&](std::uint32_t row) {
    if (rows_[row].place < place && overlap(key, rows_[row].key)) {
      earlier.push_back(rows_[row].place);
    }
  });
  if (earlier.size() > most_earlier) return false;
  std::ranges::sort(earlier);
  return true;
}

Covered ChainCover::of(std::size_t place, std::size_t& most_cut) {
  Covered found;
  if (most_cut == 0) return found;
  boxes_.region_of(rules_[place], view_, region_);
  found.is_asked_for = !region_.boxes.empty();
  found.left = region_.boxes;
  std::vector<std::uint32_t> earlier;
  if (!find_earlier(place, earlier)) {
    found.left.clear();
    return found;
  }
  for (const std::uint32_t other : earlier) {
    boxes_.region_of(rules_[other], view_, taking_);
    if (!taking_.is_exact) continue;
    // One rule that asks for all of it says more than the many that take a piece before it.
    const bool is_whole = std::ranges::all_of(region_.boxes, [&](const RangeBox& box) {
      return std::ranges::any_of(taking_.boxes, [&](const RangeBox& taken) {
        return is_within(box, taken, boxes_.domains());
      });
    });
    if (is_whole && found.is_asked_for) {
      found.is_known = true;
      found.left.clear();
      found.takers = {rules_[other]};
      return found;
    }
    bool is_cut = false;
    for (const RangeBox& taken : taking_.boxes) {
      const std::size_t cost = found.left.size() + 1;
      most_cut -= std::min(most_cut, cost);
      is_cut = cut_out(found.left, taken, boxes_.domains()) || is_cut;
    }
    if (is_cut) found.takers.push_back(rules_[other]);
    if (found.left.size() > most_pieces || most_cut == 0) {
      found.left.clear();
      return found;
    }
  }
  found.is_known = true;
  return found;
}

}  // namespace untrack
