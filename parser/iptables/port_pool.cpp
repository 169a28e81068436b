#include "parser/iptables/port_pool.hpp"

namespace untrack::iptables {

PoolRange<Interval> PortPool::kept(const Interval& ports, std::vector<Interval>& intervals) {
  const auto next = static_cast<std::uint32_t>(intervals.size());
  const auto is_one = ports.first == ports.last && ports.first < port_count;
  if (is_one && places_.empty() && ++asked_ == worth_a_table) places_.assign(port_count, nowhere);
  if (is_one && !places_.empty()) {
    std::uint32_t& place = places_[static_cast<std::size_t>(ports.first)];
    if (place != nowhere) return {place, 1};
    place = next;
  }
  intervals.push_back(ports);
  return {next, 1};
}

}  // namespace untrack::iptables
