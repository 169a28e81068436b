// ChainCover: what earlier plain rules of its chain leave of the packets that a rule asks for, as
// boxes, exactly; in the end which of them take all. Used by the search for live and dead rules
// (rule_lives.hpp).
#pragma once

#include <vector>

#include "analysis/local/packet_index.hpp"
#include "analysis/local/rule_boxes.hpp"
#include "analysis/overlap_index.hpp"

namespace untrack {

struct Covered {
  bool is_known = false;       // false: more rules, or more pieces, than are looked at
  bool is_asked_for = false;   // some packet is
  std::vector<RangeBox> left;  // what is known to be left; disjoint if the rule's boxes are
  std::vector<RuleId> takers;  // in the order of the chain; one alone, if one asks for all
};

class ChainCover {
 public:
  // All are to outlive it. For how many rules it will be asked tells what is worth preparing.
  ChainCover(const Ruleset& ruleset, const RuleBoxes& boxes, const PacketIndex& index,
             const std::vector<RuleId>& rules, const BoxView& view, std::size_t questions);

  // Of the rule at that place of the chain. Takes from `most_cut` the boxes that it cut.
  [[nodiscard]] Covered of(std::size_t place, std::size_t& most_cut);

 private:
  struct Row {
    RuleKey key;
    std::uint32_t place = 0;
  };

  // Earlier plain rules that may have something in common with it, in the order of the chain; false
  // if they are too many.
  [[nodiscard]] bool find_earlier(std::size_t place, std::vector<std::uint32_t>& earlier) const;

  const Ruleset& ruleset_;
  const RuleBoxes& boxes_;
  const PacketIndex& index_;
  const std::vector<RuleId>& rules_;
  BoxView view_;
  std::vector<Row> rows_;              // plain rules; empty: each is looked at when asked for
  std::vector<OverlapIndex> indexes_;  // of rows_, by key
  RuleRegion region_;
  RuleRegion taking_;
};

}  // namespace untrack
