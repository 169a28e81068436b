// The kernel modules that stand on connection tracking, as rows: which other modules each uses
// directly, in which kernels it exists, what makes it load, and what is to be known before it is
// removed. Read by rewriter/unload for a host whose modules.dep is not given, and for the names
// that a block against loading has to list; by findings for the modules that a rule pulls in.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "model/kernel_version.hpp"

namespace untrack::catalog {

// What the use count in /proc/modules says about a module.
enum class UseCount : std::uint8_t {
  complete,  // zero means that nothing uses it
  // Zero although something may depend on it: rules of a legacy nat table go when the table's
  // module goes; programs lose their netlink subsystem.
  hides_rules,
  hides_programs,
  // Never removed by a plan of ours: other things than filtering stand on it (bridges, services).
  keep,
};

struct KernelModule {
  std::string_view name;  // as /proc/modules spells it: underscores
  std::string_view depends =
      {};                 // the rows of this table that it uses directly, separated by blanks
  KernelVersion since{};  // 0.0: always
  KernelVersion before{99999, 0, 0};
  std::string_view aliases = {};    // other names that modprobe takes in 6.1, separated by blanks
  std::string_view loaded_by = {};  // what makes it load, or load again
  std::string_view now = {};        // what replaced it, or its new name; empty: still there
  UseCount use_count = UseCount::complete;
  std::string_view evidence = {};
};

// All rows, sorted by name (byte order), then `since`. Rows share a name where the dependencies
// changed; their versions do not overlap.
[[nodiscard]] std::span<const KernelModule> kernel_modules();

[[nodiscard]] inline bool exists_in(const KernelModule& row, const KernelVersion& kernel) {
  return row.since <= kernel && kernel < row.before;
}

// The row of a module in one kernel; nullptr if there is none. Not by alias. O(log n).
[[nodiscard]] const KernelModule* find_kernel_module(std::string_view name,
                                                     const KernelVersion& kernel);

// True for the modules that are connection tracking itself: nf_conntrack, ip_conntrack
// before 2.6.22.
[[nodiscard]] bool is_conntrack_core(std::string_view module);

// True if the module cannot be loaded without connection tracking, directly or through others;
// false for the core itself, for nf_defrag_ipv4 and _ipv6, and for what is not known.
[[nodiscard]] bool needs_conntrack(std::string_view name, const KernelVersion& kernel);

}  // namespace untrack::catalog
