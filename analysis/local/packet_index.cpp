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
  struct Point {
    Number number = 0;
    std::uint32_t place = 0;
  };
  std::size_t key = 0;
  std::vector<Point> points;          // by bucket: rules that ask for just one number
  std::vector<std::uint32_t> begins;  // of each bucket, and the end of the last
  unsigned shift = 64;                // makes a bucket of a hash
  std::vector<std::uint32_t> wide_places;
  OverlapIndex wide{{}};

  [[nodiscard]] std::size_t bucket_of(Number number) const {
    const std::uint64_t folded =
        static_cast<std::uint64_t>(number) ^ (static_cast<std::uint64_t>(number >> 64U) * 31U);
    return shift == 64 ? 0 : (folded * 0x9e3779b97f4a7c15U) >> shift;
  }

  // One pass to count, one to put them there, from the end of each bucket to its begin.
  void put_in_buckets(const std::vector<Point>& all) {
    std::size_t buckets = 1;
    for (; buckets < all.size(); buckets *= 2) --shift;
    begins.assign(buckets + 1, 0);
    for (const Point& point : all) ++begins[bucket_of(point.number)];
    std::uint32_t sum = 0;
    for (std::uint32_t& begin : begins) begin = sum += begin;
    points.resize(all.size());
    for (std::size_t i = all.size(); i-- > 0;) {
      points[--begins[bucket_of(all[i].number)]] = all[i];
    }
  }
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
  if (ruleset.sets.empty()) return;
  // The concrete walk looks at one element after the other.
  elements_.resize(ruleset.rules.size());
  const auto add = [&](std::size_t rule, const SetTest& test) {
    if (!test.set.names_something()) return;
    elements_[rule] += static_cast<std::uint32_t>(ruleset[test.set].element_count());
  };
  for (std::size_t i = 0; i < elements_.size(); ++i) {
    for (const RulePart& part : slice(ruleset.parts, ruleset.rules[i].parts)) {
      const auto* match = std::get_if<Match>(&part.what);
      if (match == nullptr) {
        const auto* map = std::get_if<VerdictMapStatement>(&std::get<Statement>(part.what));
        if (map != nullptr) add(i, map->key);
      } else if (const auto* test = std::get_if<SetTest>(match)) {
        add(i, *test);
      }
    }
  }
}

std::size_t PacketIndex::work_of(const std::vector<RuleId>& rules) const {
  std::size_t work = rules.size();
  if (elements_.empty()) return work;
  for (const RuleId rule : rules) work += elements_[rule.index()];
  return work;
}

PacketIndex::~PacketIndex() = default;

void PacketIndex::narrow(const RulePart& part, RuleKey& key) const {
  const auto* match = std::get_if<Match>(&part.what);
  if (match == nullptr) return;
  const auto row_of = [](Field field) {
    return static_cast<std::size_t>(std::ranges::find(key_fields, field) - key_fields.begin());
  };
  if (const auto* test = std::get_if<FieldTest>(match)) {
    const std::size_t row = row_of(test->field);
    // A mask with holes says nothing of first and last.
    if (row == key.size() || test->negated || test->values.count == 0 ||
        test->mask != FieldTest{}.mask) {
      return;
    }
    const auto values = slice(ruleset_.intervals, test->values);
    Interval hull = values.front();
    for (const Interval& range : values) {
      hull = {std::min(hull.first, range.first), std::max(hull.last, range.last)};
    }
    key[row] = hull;
  } else if (const auto* named = std::get_if<NameTest>(match)) {
    const auto patterns = slice(ruleset_.names, named->names);
    if (named->negated || patterns.size() != 1 || patterns.front().is_prefix) return;
    // The empty name is that of no interface, which a packet cannot be asked for.
    if (patterns.front().text.empty()) return;
    const Number name = names_.at(patterns.front().text);
    key[row_of(named->field)] = {name, name};
  }
}

RuleKey PacketIndex::key_of(const Rule& rule) const {
  RuleKey key;
  key.fill(any_number);
  for (const RulePart& part : slice(ruleset_.parts, rule.parts)) narrow(part, key);
  return key;
}

std::unique_ptr<PacketIndex::ChainIndex> PacketIndex::make(const std::vector<RuleId>& rules) const {
  auto index = std::make_unique<ChainIndex>();
  std::vector<std::uint32_t>& left = index->rest;
  left.resize(rules.size());
  for (std::uint32_t i = 0; i < left.size(); ++i) left[i] = i;
  double expected = 0;
  std::array<bool, key_fields.size()> is_used{};
  while (left.size() > short_chain) {
    // The field in which fewest pairs of a sample have something in common.
    constexpr std::size_t sampled = 40;
    std::vector<RuleKey> sample;
    for (std::size_t i = 0; i < sampled; ++i) {
      const std::uint32_t place = left[(i * 2654435761U >> 3U) % left.size()];
      sample.push_back(key_of(ruleset_[rules[place]]));
    }
    std::size_t best = key_fields.size();
    std::size_t fewest = sampled * sampled * 6 / 10;
    for (std::size_t k = 0; k < key_fields.size(); ++k) {
      if (is_used[k]) continue;
      std::size_t common = 0;
      for (const RuleKey& a : sample) {
        for (const RuleKey& b : sample) common += &a != &b && overlap(a[k], b[k]) ? 1U : 0U;
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
    std::vector<Level::Point> points;
    std::vector<Interval> wide;
    std::vector<std::uint32_t> others;
    for (const std::uint32_t place : left) {
      const Interval range = key_of(ruleset_[rules[place]])[best];
      if (is_any(range)) {
        others.push_back(place);
      } else if (range.first == range.last) {
        points.push_back({range.first, place});
      } else {
        wide.push_back(range);
        level.wide_places.push_back(place);
      }
    }
    level.put_in_buckets(points);
    level.wide = OverlapIndex(wide);
    left = std::move(others);
  }
  constexpr double few = 4;
  if (expected + static_cast<double>(left.size()) > few) {
    index->keys.reserve(rules.size());
    for (const RuleId rule : rules) index->keys.push_back(key_of(ruleset_[rule]));
  }
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
    work_ += work_of(all);
    return is_exhausted();
  }
  std::unique_ptr<ChainIndex>& index = chains_[chain.index()];
  if (index == nullptr) index = make(all);
  std::array<Number, key_fields.size()> values;
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = value_of(packet, k);
  places_.assign(index->rest.begin(), index->rest.end());
  for (const Level& level : index->levels) {
    const Number value = values[level.key];
    const std::size_t bucket = level.bucket_of(value);
    for (std::uint32_t i = level.begins[bucket]; i < level.begins[bucket + 1]; ++i) {
      if (level.points[i].number == value) places_.push_back(level.points[i].place);
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
  work_ += work_of(rules);
  if (is_exhausted()) rules.clear();
  return true;
}

}  // namespace untrack
