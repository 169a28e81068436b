// RuleSearch: the search for packets of rules, and for what hides them, done for a share of them at
// a time. What is found of a share depends on nothing but the share and on what was known when it
// began, so that shares can be searched by several threads, in any order, and all of it together is
// always the same. Used by rule_lives.hpp, which deals them out.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "analysis/local/chain_ways.hpp"
#include "analysis/local/cover.hpp"
#include "analysis/local/rule_boxes.hpp"
#include "analysis/local/rule_lives.hpp"
#include "analysis/local/rules_by_packet.hpp"

namespace untrack {

struct FoundPacket {
  RuleId rule;
  Packet packet;
  Choices choices;
};

struct FoundNever {
  RuleId rule;
  std::optional<Shadow> shadow;
};

// What a share brought, in the order in which it was found.
struct ShareFound {
  std::vector<RuleId> live;
  std::vector<FoundPacket> packets;  // of these, if they are wanted
  std::vector<FoundNever> never;
  // What it took of the limits.
  std::size_t met = 0;
  std::size_t cut = 0;
};

// One for each thread.
class RuleSearch {
 public:
  // All are to outlive it. Of `known` nothing may change while a share is searched.
  RuleSearch(const Program& program, const RuleBoxes& boxes, const ChainWays& ways,
             const RulesByPacket& index, const std::vector<RuleLife>& known, bool keeps_packets);

  void begin(const RuleLivesLimits& allowed);
  // Rules `first` to `last` of the chain of the way, without the last: a packet of each of their
  // boxes.
  void propose(const ChainWay& way, std::size_t first, std::size_t last);
  // Of those of a chain: what no first proposal shows to be live.
  void settle(ChainId chain, std::size_t first, std::size_t last);
  [[nodiscard]] ShareFound end();

 private:
  [[nodiscard]] bool is_open(RuleId rule) const;
  bool try_box(RuleId rule, const RangeBox& box, const ChainWay& way, const WayRegion& entering);
  void choose(const std::vector<std::pair<FreeId, bool>>& needs);
  void settle(RuleId rule, std::size_t place, std::span<const ChainWay* const> ways,
              std::span<const BoxView> views, std::vector<ChainCover>& covers);
  bool search_left(RuleId rule, const ChainWay& way, const std::vector<RangeBox>& left);
  bool matches(RuleId wanted, const Packet& packet);
  [[nodiscard]] const TraceStep* last_match() const;

  const Program& program_;
  const Ruleset& ruleset_;
  const RuleBoxes& boxes_;
  const ChainWays& ways_;
  WayRegions regions_;
  RulesByPacket index_;
  const std::vector<RuleLife>& known_;
  bool keeps_packets_;
  ShareFound found_;
  std::size_t cut_left_ = 0;
  std::size_t may_cut_ = 0;
  std::uint32_t share_ = 0;             // counts them
  std::vector<std::uint32_t> live_in_;  // by RuleId: the last share in which it was found to be
  Trace trace_;                         // of the last packet
  Choices choices_;
  RuleRegion region_;
  RuleRegion taking_;
};

}  // namespace untrack
