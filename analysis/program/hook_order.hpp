// The hooks that a packet passes on each way, and where among the functions of a hook its base
// chains stand. Used by Program, which orders its runs by them.
#pragma once

#include "analysis/packet/packet.hpp"
#include "model/ruleset.hpp"

namespace untrack {

inline constexpr int conntrack_priority = -200;  // NF_IP_PRI_CONNTRACK, linux/netfilter_ipv4.h

// All nat chains of a hook stand behind one function, which has the priority of the hook: their own
// priorities order them among each other (nf_nat_register_fn, nf_nat_core.c, 6.1, and measured on
// 6.18).
inline int place_among_chains(const BaseChain& base) {
  if (base.type != ChainType::nat) return base.priority;
  constexpr int dstnat = -100;  // NF_IP_PRI_NAT_DST
  constexpr int srcnat = 100;   // NF_IP_PRI_NAT_SRC
  return base.hook == Hook::prerouting || base.hook == Hook::output ? dstnat : srcnat;
}

struct HookOrder {
  Path path;
  Hook hook;
};
// The hooks of each way, in order (Documentation: linux/netfilter.h, enum nf_inet_hooks).
inline constexpr HookOrder hooks_of_ways[] = {
    {Path::in, Hook::prerouting},       {Path::in, Hook::input},
    {Path::forward, Hook::prerouting},  {Path::forward, Hook::forward},
    {Path::forward, Hook::postrouting}, {Path::out, Hook::output},
    {Path::out, Hook::postrouting},
};

}  // namespace untrack
