// The conntrack table over netlink (ctnetlink, through libmnl). Used by live/entries.cpp, which has
// made sure that asking loads nothing.
#pragma once

#include <functional>

namespace untrack::live {

// Prints every entry of this network namespace to standard output as /proc/net/nf_conntrack does,
// without what that file says of references; `printed` is called after each. False, with the reason
// on standard error, if the kernel does not answer.
[[nodiscard]] bool print_conntrack_entries(const std::function<void()>& printed);

}  // namespace untrack::live
