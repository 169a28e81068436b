// Interfaces, their addresses and the actions of tc, asked over netlink (rtnetlink), which loads no
// module for questions. Used by live/snapshot.cpp, in a process that in_child made.
#pragma once

#include <string_view>

namespace untrack::live {

// Prints lines "link NUMBER NAME KIND" and "address NUMBER ADDRESS/LENGTH", KIND being `-` where
// there is none. False, with the reason on standard error, if they cannot be read.
[[nodiscard]] bool print_links();

// Prints how many actions of that kind ("ct") the namespace has; 0 where the kernel has none of the
// kind. False, with the reason on standard error, if that cannot be asked.
[[nodiscard]] bool print_tc_actions(std::string_view kind);

}  // namespace untrack::live
