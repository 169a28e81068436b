// The entries of a conntrack table as text, one line each, in the form of /proc/net/nf_conntrack:
// over netlink where the kernel has nf_conntrack_netlink already (asking would load it), else from
// that file. Used by live/snapshot.cpp, and by app/main.cpp for commands that count them as they
// come.
#pragma once

#include <memory>
#include <string>

#include "live/child.hpp"

namespace untrack::live {

struct EntriesStream {
  std::shared_ptr<TextBlocks> text;  // null: none of the ways goes
  std::string why_not;               // of each way that was tried
};

// Has begun to read when it returns. Tells how far it is on standard error, if that is a terminal
// and it takes long.
[[nodiscard]] EntriesStream open_entries(const std::string& netns);

struct EntriesRead {
  bool is_done = false;
  std::string text;
  std::string why_not;  // of each way that was tried
};

// The same, held.
[[nodiscard]] EntriesRead read_entries(const Namespace& where);

}  // namespace untrack::live
