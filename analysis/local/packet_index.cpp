#include "analysis/local/packet_index.hpp"

#include <algorithm>
#include <utility>

namespace untrack {
namespace {

constexpr std::size_t short_chain = 16;

bool is_any(const Interval& range) { return range == any_number; }

bool is_within(const Interval& range, Number value) {
  return range.first <= value && value <= range.last;
}

bool overlap(const Interval& a, const Interval& b) {
  return a.first <= b.last && b.first <= a.last;
}

}  // namespace

// Of the rules that are left, those that ask something of one field.
struct PacketIndex::Level {
  std::size_t key = 0;
  std::vector<std::pair<Number, std::uint32_t>> points;  // by number: rules that ask for just one
  std::vector<std::uint32_t> wide_places;
  OverlapIndex wide{{}};
};

struct PacketIndex::ChainIndex {
  std::vector<Level> levels;
  std::vector<std::uint32_t> rest;  // places of rules that none of the fields tells apart
  std::vector<RuleKey> keys;        // by place, where one field alone leaves many; or empty
};

PacketIndex::PacketIndex(const Ruleset& ruleset, std::size_t most_work)
    : ruleset_(ruleset), chains_(ruleset.chains.size()), most_work_(most_work) {
  for (const NamePattern& pattern : ruleset.names) {
    if (!pattern.is_prefix) names_.emplace(pattern.text, names_.size());
  }
}

PacketIndex::~PacketIndex() = default;

RuleKey PacketIndex::key_of(const Rule& rule) const {
  RuleKey key;
  key.fill(any_number);
  for (const RulePart& part : slice(ruleset_.parts, rule.parts)) {
    const auto* match = std::get_if<Match>(&part.what);
    if (match == nullptr) continue;
    const auto row_of = [&](Field field) {
      return static_cast<std::size_t>(std::ranges::find(key_fields, field) - key_fields.begin());
    };
    if (const auto* test = std::get_if<FieldTest>(match)) {
      const std::size_t row = row_of(test->field);
      // A mask with holes says nothing of first and last.
      if (row == key.size() || test->negated || test->values.count == 0 ||
          test->mask != FieldTest{}.mask) {
        continue;
      }
      const auto values = slice(ruleset_.intervals, test->values);
      Interval hull = values.front();
      for (const Interval& range : values) {
        hull = {std::min(hull.first, range.first), std::max(hull.last, range.last)};
      }
      key[row] = hull;
    } else if (const auto* named = std::get_if<NameTest>(match)) {
      const auto patterns = slice(ruleset_.names, named->names);
      if (named->negated || patterns.size() != 1 || patterns.front().is_prefix) continue;
      // The empty name is that of no interface, which a packet cannot be asked for.
      if (patterns.front().text.empty()) continue;
      const Number name = names_.at(patterns.front().text);
      key[row_of(named->field)] = {name, name};
    }
  }
  return key;
}

std::unique_ptr<PacketIndex::ChainIndex> PacketIndex::make(const std::vector<RuleId>& rules) const {
  auto index = std::make_unique<ChainIndex>();
  std::vector<RuleKey> keys;
  keys.reserve(rules.size());
  for (const RuleId rule : rules) keys.push_back(key_of(ruleset_[rule]));
  std::vector<std::uint32_t>& left = index->rest;
  left.resize(rules.size());
  for (std::uint32_t i = 0; i < left.size(); ++i) left[i] = i;
  double expected = 0;
  std::array<bool, key_fields.size()> is_used{};
  while (left.size() > short_chain) {
    // The field in which fewest pairs of a sample have something in common.
    constexpr std::size_t sampled = 40;
    std::vector<std::uint32_t> sample;
    for (std::size_t i = 0; i < sampled; ++i) {
      sample.push_back(left[(i * 2654435761U >> 3U) % left.size()]);
    }
    std::size_t best = key_fields.size();
    std::size_t fewest = sampled * sampled * 6 / 10;
    for (std::size_t k = 0; k < key_fields.size(); ++k) {
      if (is_used[k]) continue;
      std::size_t common = 0;
      for (const std::uint32_t a : sample) {
        for (const std::uint32_t b : sample) {
          common += a != b && overlap(keys[a][k], keys[b][k]) ? 1U : 0U;
        }
      }
      if (common < fewest) {
        fewest = common;
        best = k;
      }
    }
    if (best == key_fields.size()) break;
    is_used[best] = true;
    expected +=
        static_cast<double>(fewest) / (sampled * sampled) * static_cast<double>(left.size());
    Level& level = index->levels.emplace_back();
    level.key = best;
    std::vector<Interval> wide;
    std::vector<std::uint32_t> others;
    for (const std::uint32_t place : left) {
      const Interval& range = keys[place][best];
      if (is_any(range)) {
        others.push_back(place);
      } else if (range.first == range.last) {
        level.points.emplace_back(range.first, place);
      } else {
        wide.push_back(range);
        level.wide_places.push_back(place);
      }
    }
    std::ranges::sort(level.points);
    level.wide = OverlapIndex(wide);
    left = std::move(others);
  }
  constexpr double few = 4;
  if (expected + static_cast<double>(left.size()) > few) index->keys = std::move(keys);
  return index;
}

Number PacketIndex::value_of(const Packet& packet, std::size_t key) const {
  const Field field = key_fields[key];
  if (field != Field::in_interface && field != Field::out_interface) return packet[field];
  const auto at =
      names_.find(field == Field::in_interface ? packet.in_interface : packet.out_interface);
  return at == names_.end() ? names_.size() : at->second;
}

bool PacketIndex::rules_of(ChainId chain, const Packet& packet, std::vector<RuleId>& rules) {
  const std::vector<RuleId>& all = ruleset_[chain].rules;
  ++work_;
  rules.clear();
  if (is_exhausted()) return true;
  if (all.size() <= short_chain) {
    work_ += all.size();
    return false;
  }
  std::unique_ptr<ChainIndex>& index = chains_[chain.index()];
  if (index == nullptr) index = make(all);
  std::array<Number, key_fields.size()> values;
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = value_of(packet, k);
  places_.assign(index->rest.begin(), index->rest.end());
  for (const Level& level : index->levels) {
    const Number value = values[level.key];
    auto point =
        std::ranges::lower_bound(level.points, value, {}, &std::pair<Number, std::uint32_t>::first);
    for (; point != level.points.end() && point->first == value; ++point) {
      places_.push_back(point->second);
    }
    level.wide.for_each({value, value},
                        [&](std::uint32_t row) { places_.push_back(level.wide_places[row]); });
  }
  work_ += places_.size();
  if (!index->keys.empty()) {
    std::erase_if(places_, [&](std::uint32_t place) {
      const RuleKey& key = index->keys[place];
      for (std::size_t k = 0; k < values.size(); ++k) {
        if (!is_within(key[k], values[k])) return true;
      }
      return false;
    });
  }
  std::ranges::sort(places_);
  for (const std::uint32_t place : places_) rules.push_back(all[place]);
  return true;
}

}  // namespace untrack
