// Which kernel modules a construct brings in on the target kernel: the extension's own, and those
// of connection tracking that it stands on. Read by the audit's findings and by unload.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/kernel_version.hpp"
#include "model/ruleset.hpp"

namespace untrack {

// What is taken for the target where none is named: the kernel of Debian 12, on which the module
// tables were read.
inline constexpr KernelVersion current_kernel{6, 1, 0};

// The extension's module first, then what it depends on, each once, from the catalog's tables. On a
// kernel that has the module built in, the same name stands for built-in code. Empty for what the
// catalog does not know.
[[nodiscard]] std::vector<std::string> modules_of(const Construct& construct, IpVersions versions,
                                                  const std::optional<KernelVersion>& kernel);

// A nat table of iptables, with or without rules.
[[nodiscard]] std::vector<std::string> modules_of_nat_table(
    IpVersion version, const std::optional<KernelVersion>& kernel);

}  // namespace untrack
