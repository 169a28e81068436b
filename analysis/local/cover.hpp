// ChainCover: whether earlier plain rules of its chain take all packets that a rule asks for, and
// which ones do: a packet of what is left is looked up, the boxes of the first rule that takes it
// are cut out, exactly, and so on. Used by the search for live and dead rules (rule_lives.hpp).
#pragma once

#include <vector>

#include "analysis/local/rule_boxes.hpp"
#include "analysis/local/rules_by_packet.hpp"

namespace untrack {

struct Covered {
  bool is_known = false;      // false: it takes more rules, or more pieces, than are looked at
  bool is_asked_for = false;  // some packet is
  // What may be left; of the first, the addresses, ports and interfaces are those of packets that
  // no earlier plain rule takes.
  std::vector<RangeBox> left;
  std::vector<RuleId> takers;  // in the order of the chain; one alone, if one asks for all
};

class ChainCover {
 public:
  // All are to outlive it.
  ChainCover(const Ruleset& ruleset, const RuleBoxes& boxes, RulesByPacket& index, ChainId chain,
             const BoxView& view)
      : ruleset_(ruleset), boxes_(boxes), index_(index), chain_(chain), view_(view) {}

  // Of the rule at that place of the chain. Takes from `most_cut` the boxes that it cut.
  [[nodiscard]] Covered of(std::size_t place, std::size_t& most_cut);

 private:
  const Ruleset& ruleset_;
  const RuleBoxes& boxes_;
  RulesByPacket& index_;
  ChainId chain_;
  BoxView view_;
  RuleRegion region_;
  RuleRegion taking_;
  std::vector<std::uint32_t> places_;
};

}  // namespace untrack
