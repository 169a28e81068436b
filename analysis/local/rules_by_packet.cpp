#include "analysis/local/rules_by_packet.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "analysis/local/grid_index.hpp"

namespace untrack {
namespace {

constexpr std::size_t short_chain = 16;
constexpr std::size_t no_key = key_fields.size();

bool is_any(const Interval& range) { return range == any_number; }

bool is_within(const Interval& range, Number value) {
  return range.first <= value && value <= range.last;
}

bool overlap(const Interval& a, const Interval& b) {
  return a.first <= b.last && b.first <= a.last;
}

}  // namespace

// What is known of the chains, which threads share: each chain is looked at once, by the thread
// that asks first.
class RulesByPacket::Chains {
 public:
  // Of the rules that are left, those that ask something of one field, or of both of two.
  struct Level {
    std::size_t across = 0;
    std::size_t along = no_key;
    std::vector<std::uint32_t> places;
    GridIndex grid;
  };

  struct ChainIndex {
    std::vector<Level> levels;
    std::vector<std::uint32_t> rest;  // places of rules that none of the fields tells apart
    std::vector<RuleKey> keys;        // by place, where one field alone leaves many; or empty
  };

  explicit Chains(const Ruleset& ruleset);

  [[nodiscard]] const Ruleset& ruleset() const { return ruleset_; }
  [[nodiscard]] const ChainIndex& of(ChainId chain) {
    const ChainIndex* known = ready_[chain.index()].load(std::memory_order_acquire);
    return known != nullptr ? *known : made(chain);
  }
  [[nodiscard]] std::size_t work_of(const std::vector<RuleId>& rules) const;
  [[nodiscard]] Number value_of(const Packet& packet, std::size_t key) const;

 private:
  const ChainIndex& made(ChainId chain);
  void narrow(const RulePart& part, RuleKey& key) const;
  [[nodiscard]] RuleKey key_of(const Rule& rule) const;
  void add_level(const std::vector<RuleId>& rules, std::size_t across, std::size_t along,
                 std::vector<std::uint32_t>& left, ChainIndex& index) const;
  [[nodiscard]] std::unique_ptr<ChainIndex> make(const std::vector<RuleId>& rules) const;

  const Ruleset& ruleset_;
  std::unordered_map<std::string_view, Number> names_;  // of interfaces that rules name whole
  std::vector<std::uint32_t> elements_;  // of the sets that a rule looks into; or empty
  std::vector<std::atomic<const ChainIndex*>> ready_;  // by ChainId; short ones have none
  std::mutex mutex_;                                   // of what follows
  std::vector<std::unique_ptr<ChainIndex>> chains_;
};

RulesByPacket::Chains::Chains(const Ruleset& ruleset)
    : ruleset_(ruleset), ready_(ruleset.chains.size()) {
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
        if (map != nullptr) add(i, ruleset[*map].key);
      } else if (const auto* test = std::get_if<SetTest>(match)) {
        add(i, *test);
      }
    }
  }
}

std::size_t RulesByPacket::Chains::work_of(const std::vector<RuleId>& rules) const {
  std::size_t work = rules.size();
  if (elements_.empty()) return work;
  for (const RuleId rule : rules) work += elements_[rule.index()];
  return work;
}

RulesByPacket::RulesByPacket(const Ruleset& ruleset, std::size_t most_work)
    : chains_(std::make_shared<Chains>(ruleset)), most_work_(most_work) {}

RulesByPacket::RulesByPacket(const RulesByPacket& beside)
    : chains_(beside.chains_), most_work_(beside.most_work_) {}

RulesByPacket::~RulesByPacket() = default;

void RulesByPacket::Chains::narrow(const RulePart& part, RuleKey& key) const {
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

RuleKey RulesByPacket::Chains::key_of(const Rule& rule) const {
  RuleKey key;
  key.fill(any_number);
  for (const RulePart& part : slice(ruleset_.parts, rule.parts)) narrow(part, key);
  return key;
}

namespace {

// How many pairs of a sample of rules have something in common, in a field or in two.
class Sample {
 public:
  void add(const RuleKey& key) { keys_.push_back(key); }

  [[nodiscard]] double share_of(std::size_t across, std::size_t along) const {
    std::size_t common = 0;
    for (const RuleKey& a : keys_) {
      for (const RuleKey& b : keys_) {
        if (&a != &b && overlap(a[across], b[across]) &&
            (along == no_key || overlap(a[along], b[along]))) {
          ++common;
        }
      }
    }
    return static_cast<double>(common) / static_cast<double>(keys_.size() * keys_.size());
  }

 private:
  std::vector<RuleKey> keys_;
};

}  // namespace

// Moves from `left` what asks something of the fields.
void RulesByPacket::Chains::add_level(const std::vector<RuleId>& rules, std::size_t across,
                                      std::size_t along, std::vector<std::uint32_t>& left,
                                      ChainIndex& index) const {
  Level& level = index.levels.emplace_back();
  level.across = across;
  level.along = along;
  GridIndex::Rectangles rectangles;
  std::vector<std::uint32_t> others;
  // In one piece, where growing step by step would take three times the memory at its worst.
  rectangles.reserve(left.size());
  level.places.reserve(left.size());
  for (const std::uint32_t place : left) {
    const RuleKey key = key_of(ruleset_[rules[place]]);
    if (is_any(key[across]) || (along != no_key && is_any(key[along]))) {
      others.push_back(place);
    } else {
      rectangles.push_back({key[across], along == no_key ? Interval{0, 0} : key[along]});
      level.places.push_back(place);
    }
  }
  level.grid = GridIndex(rectangles);
  left = std::move(others);
}

std::unique_ptr<RulesByPacket::Chains::ChainIndex> RulesByPacket::Chains::make(
    const std::vector<RuleId>& rules) const {
  auto index = std::make_unique<ChainIndex>();
  std::vector<std::uint32_t>& left = index->rest;
  left.resize(rules.size());
  for (std::uint32_t i = 0; i < left.size(); ++i) left[i] = i;
  double expected = 0;  // rules that a packet is held against
  std::array<bool, key_fields.size()> is_used{};
  bool is_paired = false;
  while (left.size() > short_chain) {
    Sample sample;
    constexpr std::size_t sampled = 40;
    for (std::size_t i = 0; i < sampled; ++i) {
      const std::uint32_t place = left[(i * 2654435761U >> 3U) % left.size()];
      sample.add(key_of(ruleset_[rules[place]]));
    }
    const auto count = static_cast<double>(left.size());
    // The field in which fewest pairs have something in common.
    std::size_t best = no_key;
    double least = 0.6;
    for (std::size_t k = 0; k < key_fields.size(); ++k) {
      if (is_used[k]) continue;
      const double share = sample.share_of(k, no_key);
      if (share < least) {
        least = share;
        best = k;
      }
    }
    if (best == no_key) break;
    // Two fields, where one leaves many: networks of all sizes overlap.
    constexpr double many = 16;
    std::size_t other = no_key;
    if (least * count > many && !is_paired) {
      double least_of_two = least / 2;
      for (std::size_t k = 0; k < key_fields.size(); ++k) {
        if (k == best) continue;
        const double share = sample.share_of(best, k);
        if (share < least_of_two) {
          least_of_two = share;
          other = k;
        }
      }
      if (other != no_key) least = least_of_two;
    }
    is_paired = true;
    is_used[best] = other == no_key;
    expected += least * count;
    add_level(rules, best, other, left, *index);
  }
  constexpr double few = 4;
  if (expected + static_cast<double>(left.size()) > few) {
    index->keys.reserve(rules.size());
    for (const RuleId rule : rules) index->keys.push_back(key_of(ruleset_[rule]));
  }
  return index;
}

const RulesByPacket::Chains::ChainIndex& RulesByPacket::Chains::made(ChainId chain) {
  const std::lock_guard lock(mutex_);
  if (const ChainIndex* known = ready_[chain.index()].load(std::memory_order_relaxed))
    return *known;
  chains_.push_back(make(ruleset_[chain].rules));
  ready_[chain.index()].store(chains_.back().get(), std::memory_order_release);
  return *chains_.back();
}

Number RulesByPacket::Chains::value_of(const Packet& packet, std::size_t key) const {
  const Field field = key_fields[key];
  if (field != Field::in_interface && field != Field::out_interface) return packet[field];
  const auto at =
      names_.find(field == Field::in_interface ? packet.in_interface : packet.out_interface);
  return at == names_.end() ? names_.size() : at->second;
}

void RulesByPacket::prepare(ChainId chain) {
  if (chains_->ruleset()[chain].rules.size() > short_chain) (void)chains_->of(chain);
}

void RulesByPacket::places_of(ChainId chain, const Packet& packet,
                              std::vector<std::uint32_t>& places) {
  const std::vector<RuleId>& all = chains_->ruleset()[chain].rules;
  if (all.size() <= short_chain) {
    places.resize(all.size());
    for (std::uint32_t i = 0; i < places.size(); ++i) places[i] = i;
    work_ += places.size();
    return;
  }
  const Chains::ChainIndex& index = chains_->of(chain);
  std::array<Number, key_fields.size()> values;
  for (std::size_t k = 0; k < values.size(); ++k) values[k] = chains_->value_of(packet, k);
  places.assign(index.rest.begin(), index.rest.end());
  for (const Chains::Level& level : index.levels) {
    const auto add = [&](std::uint32_t row) { places.push_back(level.places[row]); };
    level.grid.for_each_at(values[level.across], level.along == no_key ? 0 : values[level.along],
                           add);
  }
  work_ += places.size();
  if (!index.keys.empty()) {
    std::erase_if(places, [&](std::uint32_t place) {
      const RuleKey& key = index.keys[place];
      for (std::size_t k = 0; k < values.size(); ++k) {
        if (!is_within(key[k], values[k])) return true;
      }
      return false;
    });
  }
  std::ranges::sort(places);
  // Two cells of one rectangle can look alike.
  places.erase(std::unique(places.begin(), places.end()), places.end());
}

bool RulesByPacket::rules_of(ChainId chain, const Packet& packet, std::vector<RuleId>& rules) {
  const std::vector<RuleId>& all = chains_->ruleset()[chain].rules;
  ++work_;
  rules.clear();
  if (is_exhausted()) return true;
  if (all.size() <= short_chain) {
    work_ += chains_->work_of(all);
    return is_exhausted();
  }
  places_of(chain, packet, places_);
  for (const std::uint32_t place : places_) rules.push_back(all[place]);
  work_ += chains_->work_of(rules);
  if (is_exhausted()) rules.clear();
  return true;
}

}  // namespace untrack
