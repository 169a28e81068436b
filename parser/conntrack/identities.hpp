// conntrack_identity: which flow a line of a listing of the conntrack table names, so that two
// listings can be told apart. Used by app/pipeline for the rates of `untrack pressure --watch`.
#pragma once

#include <cstdint>
#include <string_view>

namespace untrack {

// Of a line of an entry: a hash of its protocol and, of the original direction, addresses, ports,
// ICMP type, code and id, and of its zone; never of counters, times or states.
[[nodiscard]] std::uint64_t conntrack_identity(std::string_view line);

}  // namespace untrack
