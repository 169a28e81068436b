// Matches on facts of the host that say another thing of some packets of a flow than of the others
// of the same direction. Used where the scope of a condition is decided.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace untrack {

// What is sent behind close(), as the acknowledgement of the peer's FIN, has no owner any more
// (owner_mt, xt_owner.c: sk_socket; measured on 6.18), nor a socket once that waits (xt_cgroup.c,
// sk_fullsock); a listening socket may be none that counts (xt_socket.c); processors take turns;
// and IPVS chooses a server behind some hooks only (ipvs_property, xt_ipvs.c).
inline constexpr std::array<std::string_view, 5> unsteady_facts = {"cgroup", "cpu", "ipvs", "owner",
                                                                   "socket"};

[[nodiscard]] inline bool is_unsteady(std::string_view extension) {
  return std::ranges::find(unsteady_facts, extension) != unsteady_facts.end();
}

}  // namespace untrack
