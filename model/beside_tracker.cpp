#include "model/beside_tracker.hpp"

#include <algorithm>
#include <set>
#include <vector>

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
  std::set<std::size_t> met = {chain.index()};
  std::vector<ChainId> waiting = {chain};
  while (!waiting.empty()) {
    const ChainId now = waiting.back();
    waiting.pop_back();
    for (const RuleId id : ruleset[now].rules) {
      const auto constructs = slice(ruleset.constructs, ruleset[id].constructs);
      if (std::ranges::any_of(constructs, is_of_tracking)) return true;
      for (const RulePart& part : slice(ruleset.parts, ruleset[id].parts)) {
        const auto* statement = std::get_if<Statement>(&part.what);
        if (statement == nullptr) continue;
        for_each_jump(ruleset, *statement, [&](const JumpStatement& jump) {
          const bool is_new = jump.chain.names_something() && met.insert(jump.chain.index()).second;
          if (is_new) waiting.push_back(jump.chain);
        });
      }
    }
  }
  return false;
}

}  // namespace untrack
