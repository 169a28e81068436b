#include "analysis/program/tracking_place.hpp"

#include "analysis/program/hook_order.hpp"

namespace untrack {
namespace {

bool is_ahead(const BaseChain& base) {
  return (base.hook == Hook::prerouting || base.hook == Hook::output) &&
         place_among_chains(base) < conntrack_priority;
}

}  // namespace

TrackingPlace tracking_place(const Ruleset& ruleset, ChainId chain) {
  if (!chain.names_something()) return TrackingPlace::behind;
  if (const auto& base = ruleset[chain].base) {
    return is_ahead(*base) ? TrackingPlace::ahead : TrackingPlace::behind;
  }
  bool has_ahead = false;
  bool has_behind = false;
  const Table& table = ruleset[ruleset[chain].table];
  for (const ChainId other : table.chains) {
    const auto& base = ruleset[other].base;
    if (base) (is_ahead(*base) ? has_ahead : has_behind) = true;
    // Tables of iptables begin with the built-in chains, and some have ten thousands of others.
    if (!base && table.language == Language::iptables) break;
    if (has_ahead && has_behind) break;
  }
  if (has_ahead && has_behind) return TrackingPlace::either;
  return has_ahead ? TrackingPlace::ahead : TrackingPlace::behind;
}

}  // namespace untrack
