// read_live_snapshot: all that the other commands can use of the running host, looked at and not
// changed: no module is loaded, no table made. Called by app/main.cpp for `untrack snapshot`.
#pragma once

#include <string>

#include "model/snapshot.hpp"

namespace untrack::live {

// `netns` as of read_live_host. `with_entries`: the conntrack table, too. What cannot be looked at
// is told in the result; never throws for that. May not be called while there are threads.
[[nodiscard]] Snapshot read_live_snapshot(const std::string& netns, bool with_entries);

}  // namespace untrack::live
