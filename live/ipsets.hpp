// The ipsets of a network namespace, as `ipset save` prints them, through libipset. Used by
// live/read.cpp.
#pragma once

namespace untrack::live {

// Prints them to standard output, in a process that in_child made. The module ip_set must be there.
// False, with the reason on standard error, if they cannot be read.
[[nodiscard]] bool print_ipsets();

}  // namespace untrack::live
