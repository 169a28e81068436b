#include "analysis/attribution/rule_index.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <optional>
#include <span>

namespace untrack {
namespace {

constexpr std::size_t word_bits = 64;
constexpr std::size_t values_ahead = 65536;
constexpr std::size_t worth_jumping = 64;
constexpr std::size_t most_slots = 4096;  // of one rule

std::size_t words_for(std::size_t bits) { return (bits + word_bits - 1) / word_bits; }

// The values of the field without which the rule cannot match; nothing: it may match with any.
std::optional<std::vector<Interval>> values_of(const Program& program, const Rule& rule,
                                               Field field) {
  const Ruleset& ruleset = program.ruleset();
  for (std::uint32_t i = 0; i < rule.parts.count; ++i) {
    const RulePart& part = ruleset.parts[rule.parts.first + i];
    const auto* match = std::get_if<Match>(&part.what);
    if (match == nullptr) {
      // Behind a statement a test decides about what follows alone.
      const auto& statement = std::get<Statement>(part.what);
      if (!std::holds_alternative<PassiveStatement>(statement)) return std::nullopt;
      continue;
    }
    const auto* test = std::get_if<FieldTest>(match);
    if (test == nullptr || test->field != field || test->negated || test->mask != 0xffffffffU ||
        program.kind(rule.parts.first + i) != PartKind::test) {
      continue;
    }
    const IntervalSlice values = slice(ruleset.intervals, test->values);
    return std::vector<Interval>(values.begin(), values.end());
  }
  return std::nullopt;
}

}  // namespace

RuleIndex::RuleIndex(const Program& program, const Chain& chain)
    : summary_words_(words_for(words_for(chain.rules.size()))), is_wider_(chain.rules.size()) {
  static_assert(indexed[0] == Field::source_address && indexed[1] == Field::destination_address);
  for (const Field field : indexed) fields_.emplace_back(program, chain, field, is_wider_);
}

RuleIndex::FieldIndex::FieldIndex(const Program& program, const Chain& chain, Field field,
                                  std::vector<bool>& is_wider) {
  const Ruleset& ruleset = program.ruleset();
  const std::size_t word_count = words_for(chain.rules.size());
  const std::size_t summary_count = words_for(word_count);
  any_.assign(word_count, 0);
  any_summary_.assign(summary_count, 0);
  const bool is_address = field == Field::source_address || field == Field::destination_address;
  const unsigned width = width_of(field, program.version());
  const Number most = width >= 128 ? ~Number{0} : (Number{1} << width) - 1;
  std::vector<std::pair<std::size_t, std::vector<Interval>>> named;
  for (std::size_t i = 0; i < chain.rules.size(); ++i) {
    auto values = values_of(program, ruleset[chain.rules[i]], field);
    if (values) {
      for (const Interval& each : *values) {
        // Addresses of the other family, in tables of both, are above all values of this one.
        if (each.first != 0 && each.first <= most) starts_.push_back(each.first);
        if (each.last < most) starts_.push_back(each.last + 1);
        if (each.last > most && is_address) is_wider[i] = true;
      }
      named.emplace_back(i, std::move(*values));
    } else {
      take_any(i);
    }
  }
  std::ranges::sort(starts_);
  starts_.erase(std::unique(starts_.begin(), starts_.end()), starts_.end());
  // By slot, the words of its bitmap.
  std::vector<std::vector<std::pair<std::uint32_t, std::uint64_t>>> rows(starts_.size() + 1);
  for (const auto& [rule, values] : named) {
    const auto word = static_cast<std::uint32_t>(rule / word_bits);
    std::size_t count = 0;
    for (const Interval& each : values) count += search(each.last) - search(each.first) + 1;
    if (count > most_slots) {
      take_any(rule);
      if (is_address) is_wider[rule] = true;
      continue;
    }
    for (const Interval& each : values) {
      const std::size_t last = search(each.last);
      for (std::size_t slot = search(each.first); slot <= last; ++slot) {
        if (rows[slot].empty() || rows[slot].back().first != word) rows[slot].emplace_back(word, 0);
        rows[slot].back().second |= std::uint64_t{1} << rule % word_bits;
      }
    }
  }
  for (const auto& row : rows) {
    if (row.size() < 2) {
      slots_.push_back(row.empty() ? Slot{} : Slot{row[0].second, row[0].first, false});
      continue;
    }
    slots_.push_back({0, static_cast<std::uint32_t>(summaries_.size()), true});
    std::size_t at = 0;
    for (std::size_t sum = 0; sum < summary_count; ++sum) {
      Summary summary{0, static_cast<std::uint32_t>(words_.size())};
      for (; at < row.size() && row[at].first / word_bits == sum; ++at) {
        summary.bits |= std::uint64_t{1} << row[at].first % word_bits;
        words_.push_back(row[at].second);
      }
      summaries_.push_back(summary);
    }
  }
  if (is_address && program.version() == IpVersion::ipv4) {
    for (const Number start : starts_) narrow_starts_.push_back(static_cast<std::uint32_t>(start));
  }
  if (starts_.size() >= worth_jumping) make_jumps(!is_address);
  has_no_any_ =
      !any_.empty() && std::ranges::all_of(any_, [](std::uint64_t word) { return word == 0; });
}

void RuleIndex::FieldIndex::make_jumps(bool is_direct) {
  // No more pieces than twice the starts: what is read at random should be small.
  const std::size_t pieces =
      is_direct ? values_ahead : std::min(values_ahead, std::bit_ceil(2 * starts_.size()));
  const Number base = is_direct ? 0 : starts_.front();
  unsigned shift = 0;
  while (((starts_.back() - base) >> shift) >= pieces) ++shift;
  std::vector<std::uint32_t> jumps(pieces + 1);
  for (std::size_t value = 0; value < pieces; ++value) {
    jumps[value] = static_cast<std::uint32_t>(search(base + (Number{value} << shift)));
  }
  jumps.back() = static_cast<std::uint32_t>(starts_.size());
  jumps_ = std::move(jumps);
  shift_ = shift;
  is_direct_ = is_direct;
}

void RuleIndex::FieldIndex::take_any(std::size_t rule) {
  any_[rule / word_bits] |= std::uint64_t{1} << rule % word_bits;
  any_summary_[rule / word_bits / word_bits] |= std::uint64_t{1} << rule / word_bits % word_bits;
}

std::size_t RuleIndex::FieldIndex::search(Number value) const {
  auto first = starts_.begin();
  auto last = starts_.end();
  if (!jumps_.empty() && !is_direct_) {
    if (value < starts_.front()) return 0;
    if (value >= starts_.back()) return starts_.size();
    const auto ahead = static_cast<std::size_t>((value - starts_.front()) >> shift_);
    first += jumps_[ahead];
    last = starts_.begin() + jumps_[ahead + 1];
  }
  return static_cast<std::size_t>(std::upper_bound(first, last, value) - starts_.begin());
}

// Between two jumps there are few: a search without branches.
std::size_t RuleIndex::FieldIndex::narrow_search(std::uint32_t value) const {
  std::size_t first = 0;
  std::size_t count = narrow_starts_.size();
  if (!jumps_.empty()) {
    if (value < narrow_starts_.front()) return 0;
    if (value >= narrow_starts_.back()) return narrow_starts_.size();
    const std::size_t ahead = (value - narrow_starts_.front()) >> shift_;
    first = jumps_[ahead];
    count = jumps_[ahead + 1] - first;
  }
  while (count > 0) {
    const std::size_t half = (count + 1) / 2;
    const bool is_behind = narrow_starts_[first + half - 1] <= value;
    first += is_behind ? half : 0;
    count = is_behind ? count - half : half - 1;
  }
  return first;
}

}  // namespace untrack
