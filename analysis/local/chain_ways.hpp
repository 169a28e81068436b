// ChainWays: by which jumps packets come to each chain, and what the jumps on the way ask of them.
// Used by the search for live and dead rules (rule_lives.hpp).
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "analysis/local/rule_boxes.hpp"

namespace untrack {

// A base chain of a way, or a chain that a jump of another one leads to.
struct ChainWay {
  static constexpr std::uint32_t no_parent = ~0U;

  ChainId chain;
  Path path{};
  std::uint32_t run = 0;  // index into program.runs(path)
  std::uint32_t parent = no_parent;
  RuleId caller;  // names nothing for a base chain
};

// What all jumps of a way ask for together; earlier rules of the chains are left aside.
struct WayRegion {
  std::vector<RangeBox> boxes;  // may overlap; some may be left out
  std::vector<std::pair<FreeId, bool>> needs;
  std::vector<std::pair<Field, Number>> hints;
};

class ChainWays {
 public:
  // It is to outlive this. Linear in the ruleset, once a base chain.
  explicit ChainWays(const Program& program);

  // No chain comes back to itself, which the kernel refuses, and none calls so many within each
  // other that following a packet would take too much of the stack.
  [[nodiscard]] bool can_be_followed() const { return can_be_followed_; }
  // Callers before what they call. Of each chain a few for each base chain; none for one that only
  // verdict maps lead to.
  [[nodiscard]] std::span<const ChainWay> all() const { return ways_; }
  [[nodiscard]] std::vector<const ChainWay*> to(ChainId chain) const;
  // How rules of the chain may see packets, by any jump; none: nothing leads to it.
  [[nodiscard]] std::vector<BoxView> views_of(ChainId chain) const;
  [[nodiscard]] BoxView view_of(const ChainWay& way) const;

 private:
  friend class WayRegions;

  struct Call {
    ChainId from;
    RuleId rule;
    ChainId to;
    bool is_plain = false;  // no verdict map
  };

  void collect_calls();
  [[nodiscard]] bool is_shallow() const;
  void follow(Path path, std::uint32_t run);
  [[nodiscard]] std::span<const Call> calls_of(ChainId chain) const;

  const Program& program_;
  std::vector<Call> calls_;           // by the chain that they stand in
  std::vector<std::uint32_t> first_;  // of calls_, by ChainId
  bool can_be_followed_ = false;
  std::vector<ChainWay> ways_;
  std::vector<std::uint32_t> by_chain_;  // of ways_
  std::vector<std::uint8_t> views_;      // bits, by ChainId
};

// The regions of ways, which are made when they are asked for: one for each thread.
class WayRegions {
 public:
  // Both are to outlive it.
  WayRegions(const ChainWays& ways, const RuleBoxes& boxes) : ways_(ways), boxes_(boxes) {}

  // The reference holds until the next question.
  [[nodiscard]] const WayRegion& of(const ChainWay& way);

 private:
  [[nodiscard]] WayRegion made(const ChainWay& way);

  const ChainWays& ways_;
  const RuleBoxes& boxes_;
  WayRegion region_;
  std::uint32_t parent_ = ChainWay::no_parent;  // whose region parent_region_ is
  WayRegion parent_region_;
  RuleRegion caller_;
};

}  // namespace untrack
