#include "analysis/conntrack/modules.hpp"

#include <algorithm>

#include "model/catalog/kernel_modules.hpp"

namespace untrack {
namespace {

void add(std::vector<std::string>& modules, std::string_view name) {
  if (!name.empty() && std::find(modules.begin(), modules.end(), name) == modules.end()) {
    modules.emplace_back(name);
  }
}

// A row may name modules of another era besides those of this one.
bool exists_in(std::string_view name, const KernelVersion& kernel) {
  return catalog::find_kernel_module(name, kernel) != nullptr;
}

// Appends what the modules stand on, and what that stands on.
void add_dependencies(std::vector<std::string>& modules, const KernelVersion& kernel) {
  for (std::size_t i = 0; i < modules.size(); ++i) {
    const catalog::KernelModule* row = catalog::find_kernel_module(modules[i], kernel);
    if (row == nullptr) continue;
    for (std::string_view names = row->depends; !names.empty();) {
      const std::string_view name = names.substr(0, names.find(' '));
      names.remove_prefix(std::min(names.size(), name.size() + 1));
      if (exists_in(name, kernel)) add(modules, name);
    }
  }
}

// Until 4.19 each family's tracker was a module of its own, asked for by name when a rule needed it
// (nf_ct_l3proto_try_module_get, nf_conntrack_proto.c, 4.18).
void add_trackers(std::vector<std::string>& modules, IpVersions versions,
                  const KernelVersion& kernel) {
  if (kernel < KernelVersion{2, 6, 22} || kernel >= KernelVersion{4, 19}) return;
  if (versions.has(IpVersion::ipv4)) add(modules, "nf_conntrack_ipv4");
  if (versions.has(IpVersion::ipv6)) add(modules, "nf_conntrack_ipv6");
}

}  // namespace

std::vector<std::string> modules_of(const Construct& construct, IpVersions versions,
                                    const std::optional<KernelVersion>& kernel) {
  std::vector<std::string> modules;
  if (construct.extension == nullptr) return modules;
  const KernelVersion target = kernel.value_or(current_kernel);
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    if (versions.has(version)) {
      add(modules, catalog::module_of(*construct.extension, target, version));
    }
  }
  if (construct.extension->tracking != catalog::Tracking::never) {
    add_trackers(modules, versions, target);
  }
  add_dependencies(modules, target);
  return modules;
}

std::vector<std::string> modules_of_nat_table(IpVersion version,
                                              const std::optional<KernelVersion>& kernel) {
  const KernelVersion target = kernel.value_or(current_kernel);
  std::vector<std::string> modules = {version == IpVersion::ipv4 ? "iptable_nat" : "ip6table_nat"};
  add_trackers(modules, version, target);
  add_dependencies(modules, target);
  return modules;
}

}  // namespace untrack
