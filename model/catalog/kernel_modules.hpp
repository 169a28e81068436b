// The kernel modules that stand on connection tracking, as rows: which other modules each uses
// directly, in which kernels it exists, and what is to be known before it is removed. Read by
// rewriter/unload for a host whose modules.dep is not given, and for the names that a block against
// loading has to list.
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
  std::string_view name;     // as /proc/modules spells it: underscores
  std::string_view depends;  // the rows of this table that it uses directly, separated by blanks
  KernelVersion since{};     // 0.0: always
  KernelVersion before{99999, 0, 0};
  std::string_view now;  // what replaced it, or its new name; empty: still there
  UseCount use_count = UseCount::complete;
  std::string_view evidence;
};

// All rows, sorted by name (byte order). Two rows may share a name where the dependencies changed.
[[nodiscard]] std::span<const KernelModule> kernel_modules();

[[nodiscard]] inline bool exists_in(const KernelModule& row, const KernelVersion& kernel) {
  return row.since <= kernel && kernel < row.before;
}

// True for the modules that are connection tracking itself: nf_conntrack, ip_conntrack
// before 2.6.22.
[[nodiscard]] bool is_conntrack_core(std::string_view module);

}  // namespace untrack::catalog
