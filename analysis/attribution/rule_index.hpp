// RuleIndex: of the rules of one chain those that a packet can match, first ones first, found by
// words of 64 rules at a time (aggregated bit-vectors: per field from a value to the bitmap of
// rules that take it, with one bit of summary for each word). Used by analysis/attribution alone.
// It leaves out a rule only if the fields that it looks at say that it cannot match; what is left
// has to be judged by itself, but for the tests that is_exact speaks of.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <vector>

#include "analysis/packet/packet.hpp"
#include "analysis/program/program.hpp"
#include "model/ruleset.hpp"

namespace untrack {

class RuleIndex {
 public:
  static constexpr std::array indexed = {Field::source_address, Field::destination_address,
                                         Field::protocol, Field::source_port,
                                         Field::destination_port};

  // Linear in the rules and the values that they name: a rule whose values cover very many of the
  // values of others counts for one that takes any.
  RuleIndex(const Program& program, const Chain& chain);

  // Whether the rule comes up for those addresses alone that its first positive tests of source and
  // destination name.
  [[nodiscard]] bool is_exact(std::size_t rule) const { return !is_wider_[rule]; }

  // Calls `use(position in chain.rules)` for the candidates, in order, until it returns false.
  template <class Use>
  void each_candidate(const Packet& packet, Use&& use) const {
    std::array<const Slot*, indexed.size()> slots{};
    slots[0] = fields_[0].slot_of(packet[indexed[0]]);
    if (fields_[0].is_one_word(slots[0]) && slots[0]->rules == 0) return;
    slots[1] = fields_[1].slot_of(packet[indexed[1]]);
    // Where every rule names a source, or every one a destination, and few share it, that leaves
    // one word.
    for (const std::size_t alone : {0U, 1U}) {
      if (!fields_[alone].is_one_word(slots[alone])) continue;
      const std::size_t word = slots[alone]->at;
      const std::size_t other = 1 - alone;
      std::uint64_t rules =
          slots[alone]->rules & fields_[other].rules(slots[other], word / 64, word % 64, word);
      for (std::size_t i = 2; i < fields_.size() && std::popcount(rules) > few; ++i) {
        slots[i] = fields_[i].slot_of(packet[indexed[i]]);
        rules &= fields_[i].rules(slots[i], word / 64, word % 64, word);
      }
      for (; rules != 0; rules &= rules - 1) {
        if (!use(word * 64 + static_cast<std::size_t>(std::countr_zero(rules)))) return;
      }
      return;
    }
    // Most packets are told apart by their first field or two: where the chain is not too long, the
    // others are not even looked up.
    std::array<std::uint64_t, 8> left;
    const bool is_short = summary_words_ <= left.size();
    if (is_short) std::fill_n(left.begin(), summary_words_, ~std::uint64_t{0});
    for (std::size_t i = 0; i < fields_.size(); ++i) {
      if (i > 1) slots[i] = fields_[i].slot_of(packet[indexed[i]]);
      if (!is_short) continue;
      std::uint64_t any = 0;
      for (std::size_t sum = 0; sum < summary_words_; ++sum) {
        any |= left[sum] &= fields_[i].summary(slots[i], sum);
      }
      if (any == 0) return;
    }
    for (std::size_t sum = 0; sum < summary_words_; ++sum) {
      std::uint64_t words = is_short ? left[sum] : ~std::uint64_t{0};
      for (std::size_t i = 0; !is_short && i < fields_.size(); ++i) {
        words &= fields_[i].summary(slots[i], sum);
      }
      for (; words != 0; words &= words - 1) {
        const auto bit = static_cast<std::size_t>(std::countr_zero(words));
        const std::size_t word = sum * 64 + bit;
        std::uint64_t rules = ~std::uint64_t{0};
        for (std::size_t i = 0; i < fields_.size(); ++i) {
          rules &= fields_[i].rules(slots[i], sum, bit, word);
        }
        for (; rules != 0; rules &= rules - 1) {
          if (!use(word * 64 + static_cast<std::size_t>(std::countr_zero(rules)))) return;
        }
      }
    }
  }

 private:
  // Of rules that name a value between two of the boundaries: which words of its bitmap are not
  // zero, and where these are.
  struct Summary {
    std::uint64_t bits = 0;
    std::uint32_t words = 0;  // into FieldIndex::words_
  };
  // The same, where all of them are in one word, as of most values: nothing else has to be looked
  // at.
  struct Slot {
    std::uint64_t rules = 0;
    std::uint32_t at = 0;  // that word; or, with is_spread, the first of its summaries
    bool is_spread = false;
  };

  class FieldIndex {
   public:
    // Sets is_wider of the rules that come up for more values than they name.
    FieldIndex(const Program& program, const Chain& chain, Field field,
               std::vector<bool>& is_wider);

    [[nodiscard]] const Slot* slot_of(Number value) const { return &slots_[slot_number(value)]; }
    // No rule takes every value, and those that take this one are all in the slot's own word.
    [[nodiscard]] bool is_one_word(const Slot* slot) const {
      return has_no_any_ && !slot->is_spread;
    }
    [[nodiscard]] std::uint64_t summary(const Slot* slot, std::size_t sum) const {
      if (slot->is_spread) return any_summary_[sum] | summaries_[slot->at + sum].bits;
      const bool is_here = slot->rules != 0 && slot->at / 64 == sum;
      return any_summary_[sum] | (std::uint64_t{is_here} << slot->at % 64);
    }
    [[nodiscard]] std::uint64_t rules(const Slot* slot, std::size_t sum, std::size_t bit,
                                      std::size_t word) const {
      if (!slot->is_spread) return any_[word] | (slot->at == word ? slot->rules : 0);
      const Summary& summary = summaries_[slot->at + sum];
      std::uint64_t found = any_[word];
      if ((summary.bits >> bit & 1U) != 0) {
        const std::uint64_t below = summary.bits & ((std::uint64_t{1} << bit) - 1);
        found |= words_[summary.words + static_cast<unsigned>(std::popcount(below))];
      }
      return found;
    }

   private:
    [[nodiscard]] std::size_t slot_number(Number value) const {
      if (starts_.empty()) return 0;
      if (is_direct_) return jumps_[static_cast<std::size_t>(value)];
      if (!narrow_starts_.empty()) return narrow_search(static_cast<std::uint32_t>(value));
      return search(value);
    }
    [[nodiscard]] std::size_t search(Number value) const;
    [[nodiscard]] std::size_t narrow_search(std::uint32_t value) const;
    void take_any(std::size_t rule);
    void make_jumps(bool is_direct);

    std::vector<Number> starts_;  // slot i + 1 begins at starts_[i]
    // The same, of fields of 32 bits: most look-ups are of these.
    std::vector<std::uint32_t> narrow_starts_;
    // The values from the first start to the last one, cut into pieces of 2^shift_: the slot of the
    // least value of each. With is_direct_ the slot of each value, of fields of 16 bits.
    std::vector<std::uint32_t> jumps_;
    unsigned shift_ = 0;
    bool is_direct_ = false;
    std::vector<Slot> slots_;
    std::vector<Summary> summaries_;  // of the slots that are spread
    std::vector<std::uint64_t> words_;
    std::vector<std::uint64_t> any_, any_summary_;  // rules that take every value
    bool has_no_any_ = false;
  };

  // So many rules are sooner judged than looked for.
  static constexpr int few = 2;

  std::size_t summary_words_ = 0;
  std::vector<FieldIndex> fields_;  // as `indexed`
  std::vector<bool> is_wider_;      // by position in the chain
};

}  // namespace untrack
