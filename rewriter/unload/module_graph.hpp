// Which kernel module uses which, and in which order a set of them can be removed: users before
// what they use. Built from the catalog, from modules.dep and from /proc/modules; used by the
// unload plan. Deterministic: of all valid orders the alphabetically first one.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/host_modules.hpp"
#include "model/kernel_version.hpp"

namespace untrack {

class ModuleGraph {
 public:
  void add(std::string_view module);
  void add_use(std::string_view user, std::string_view used);

  [[nodiscard]] bool has(std::string_view module) const { return uses_.contains(module); }
  // The modules that use one of `roots`, directly or through others, with the roots that the graph
  // has; sorted.
  [[nodiscard]] std::set<std::string> standing_on(std::span<const std::string_view> roots) const;

  struct Order {
    std::vector<std::string> modules;  // users first
    std::vector<std::string> stuck;    // use each other in a circle, which no kernel allows; sorted
  };
  [[nodiscard]] Order removal_order(const std::set<std::string>& modules) const;

 private:
  std::map<std::string, std::set<std::string>, std::less<>> uses_;
  std::map<std::string, std::set<std::string>, std::less<>> used_by_;
};

// What the catalog knows of one kernel; none: of every kernel from 4.10 on.
[[nodiscard]] ModuleGraph known_modules(const std::optional<KernelVersion>& kernel);

// Other names under which modprobe loads these modules (ipt_state, ip_conntrack ...); sorted.
[[nodiscard]] std::vector<std::string> known_aliases(const std::set<std::string>& modules,
                                                     const std::optional<KernelVersion>& kernel);

void add_dependencies(ModuleGraph& graph, std::span<const ModuleDependencies> dependencies);
void add_loaded(ModuleGraph& graph, std::span<const LoadedModule> loaded);

// The names under which tracking itself is a module: nf_conntrack, ip_conntrack.
[[nodiscard]] std::span<const std::string_view> conntrack_cores();

}  // namespace untrack
