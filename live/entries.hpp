// The entries of a conntrack table as text, one line each, in the form of /proc/net/nf_conntrack:
// over netlink where the kernel has nf_conntrack_netlink already (asking would load it), else from
// that file. Used by live/snapshot.cpp and live/table_reading.cpp.
#pragma once

#include <string>

#include "live/child.hpp"

namespace untrack::live {

struct EntriesRead {
  bool is_done = false;
  std::string text;
  std::string why_not;  // of each way that was tried
};

// Tells how far it is on standard error, if that is a terminal and it takes long.
[[nodiscard]] EntriesRead read_entries(const Namespace& where);

}  // namespace untrack::live
