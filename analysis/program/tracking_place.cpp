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
  for (const ChainId other : ruleset[ruleset[chain].table].chains) {
    const auto& base = ruleset[other].base;
    if (base) (is_ahead(*base) ? has_ahead : has_behind) = true;
  }
  if (has_ahead && has_behind) return TrackingPlace::either;
  return has_ahead ? TrackingPlace::ahead : TrackingPlace::behind;
}

}  // namespace untrack
