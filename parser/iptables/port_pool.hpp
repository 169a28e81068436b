// PortPool: keeps each port once among the intervals of a ruleset, since the rules of a large file
// ask for the same few. Used by ShapedRules; nothing may be taken out of the intervals behind what
// it has kept.
#pragma once

#include <cstdint>
#include <vector>

#include "model/match.hpp"

namespace untrack::iptables {

class PortPool {
 public:
  // The ports, at the end of `intervals` or where they stand already.
  [[nodiscard]] PoolRange<Interval> kept(const Interval& ports, std::vector<Interval>& intervals);

 private:
  static constexpr std::uint32_t port_count = 65536;
  static constexpr std::uint32_t nowhere = 0xffffffffU;
  // Small files have no table, which takes longer to make than to do without.
  static constexpr std::uint32_t worth_a_table = 1024;

  std::uint32_t asked_ = 0;
  std::vector<std::uint32_t> places_;  // among the intervals, by port; or empty
};

}  // namespace untrack::iptables
