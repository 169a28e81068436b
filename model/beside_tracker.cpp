#include "model/beside_tracker.hpp"

#include <algorithm>

#include "model/jumps.hpp"

namespace untrack {
namespace {

// NF_IP_PRI_CONNTRACK, linux/netfilter_ipv4.h. Of equal priorities the hook that was registered
// last runs first (nf_hook_entries_grow, netfilter/core.c, 6.1), and conntrack's are registered
// with the first rule of the host that needs them (measured on 6.18: a chain at -200 that is loaded
// behind a rule with `ct state` untracks, one that is loaded ahead of it does not).
constexpr int conntrack_priority = -200;

bool is_of_tracking(const Construct& construct) {
  return construct.extension != nullptr &&
         (construct.extension->tracking != catalog::Tracking::never ||
          construct.extension->role == catalog::Role::notrack);
}

}  // namespace

bool depends_on_tracker_order(const Ruleset& ruleset, ChainId chain) {
  const auto& base = ruleset[chain].base;
  const bool is_beside = base && base->priority == conntrack_priority &&
                         base->type != ChainType::nat &&
                         (base->hook == Hook::prerouting || base->hook == Hook::output);
  if (!is_beside) return false;
  return std::ranges::any_of(with_called_chains(ruleset, {chain}), [&](ChainId called) {
    return std::ranges::any_of(ruleset[called].rules, [&](RuleId rule) {
      return std::ranges::any_of(slice(ruleset.constructs, ruleset[rule].constructs),
                                 is_of_tracking);
    });
  });
}

}  // namespace untrack
