// What the files of a host say that all its network namespaces share: the kernel, its modules and
// their parameters, memory. Used by live/snapshot.cpp.
#pragma once

#include "model/snapshot.hpp"

namespace untrack::live {

// Fills in kernel, machine, loads_modules, parameters, MemTotal, the files but for the statistics
// and the entries, and whether nf_conntrack.enable_hooks is set.
void add_host_files(Snapshot& snapshot);

}  // namespace untrack::live
