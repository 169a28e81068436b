// Does a program listen to the events of connection tracking (conntrackd, conntrack -E)? From
// /proc/net/netlink, which has the sockets of one network namespace; the kernel asks for one of
// any. Since 5.19 a listener is what gives each new entry its extension block.
#pragma once

#include <optional>
#include <string_view>

namespace untrack {

// nullopt: it is not that file. False: no program of this namespace listens.
[[nodiscard]] std::optional<bool> listens_to_events(std::string_view netlink_sockets);

}  // namespace untrack
