#include "rewriter/unload/module_graph.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <queue>

#include "model/catalog/kernel_modules.hpp"

namespace untrack {
namespace {

// Calls use(word) for the words of a blank-separated list.
template <class Use>
void for_each_word(std::string_view words, Use use) {
  while (!words.empty()) {
    const std::size_t blank = words.find(' ');
    use(words.substr(0, blank));
    if (blank == std::string_view::npos) return;
    words.remove_prefix(blank + 1);
  }
}

bool is_listed(const catalog::KernelModule& row, const std::optional<KernelVersion>& kernel) {
  // The first kernel in which the loaded rules, not the loaded module, decide what is tracked.
  constexpr KernelVersion hooks_on_demand{4, 10, 0};
  if (!kernel) return row.before > hooks_on_demand;
  // ipt_state and its like became xt_state ... in 2.6.16, and stayed as names that modprobe takes.
  // While the tracker was still ip_conntrack, both are listed: a name too many is a module not
  // loaded.
  constexpr KernelVersion x_tables{2, 6, 16};
  constexpr KernelVersion ip_conntrack_gone{2, 6, 22};
  if (row.before == x_tables && *kernel < ip_conntrack_gone) return true;
  return catalog::exists_in(row, *kernel);
}

}  // namespace

void ModuleGraph::add(std::string_view module) {
  if (!uses_.contains(module)) uses_.emplace(module, std::set<std::string>{});
}

void ModuleGraph::add_use(std::string_view user, std::string_view used) {
  add(user);
  add(used);
  uses_.find(user)->second.emplace(used);
  used_by_[std::string(used)].emplace(user);
}

std::set<std::string> ModuleGraph::standing_on(std::span<const std::string_view> roots) const {
  std::set<std::string> found;
  std::vector<std::string> open;
  for (const std::string_view root : roots) {
    if (has(root) && found.emplace(root).second) open.emplace_back(root);
  }
  while (!open.empty()) {
    const std::string module = std::move(open.back());
    open.pop_back();
    const auto users = used_by_.find(module);
    if (users == used_by_.end()) continue;
    for (const std::string& user : users->second) {
      if (found.insert(user).second) open.push_back(user);
    }
  }
  return found;
}

ModuleGraph::Order ModuleGraph::removal_order(const std::set<std::string>& modules) const {
  std::map<std::string_view, std::size_t> users_left;
  for (const std::string& module : modules) users_left.emplace(module, 0);
  const auto for_each_used = [&](std::string_view module, auto&& use) {
    const auto uses = uses_.find(module);
    if (uses == uses_.end()) return;
    for (const std::string& used : uses->second) {
      if (const auto left = users_left.find(used); left != users_left.end()) use(left);
    }
  };
  for (const std::string& module : modules) {
    for_each_used(module, [](auto left) { ++left->second; });
  }
  std::priority_queue<std::string_view, std::vector<std::string_view>, std::greater<>> free;
  for (const auto& [module, left] : users_left) {
    if (left == 0) free.push(module);
  }
  Order order;
  while (!free.empty()) {
    const std::string_view module = free.top();
    free.pop();
    order.modules.emplace_back(module);
    for_each_used(module, [&](auto left) {
      if (--left->second == 0) free.push(left->first);
    });
  }
  for (const auto& [module, left] : users_left) {
    if (left != 0) order.stuck.emplace_back(module);
  }
  return order;
}

ModuleGraph known_modules(const std::optional<KernelVersion>& kernel) {
  ModuleGraph graph;
  for (const catalog::KernelModule& row : catalog::kernel_modules()) {
    if (is_listed(row, kernel)) graph.add(row.name);
  }
  for (const catalog::KernelModule& row : catalog::kernel_modules()) {
    if (!is_listed(row, kernel)) continue;
    for_each_word(row.depends, [&](std::string_view used) {
      if (graph.has(used)) graph.add_use(row.name, used);
    });
  }
  return graph;
}

std::vector<std::string> known_aliases(const std::set<std::string>& modules,
                                       const std::optional<KernelVersion>& kernel) {
  std::vector<std::string> aliases;
  for (const catalog::KernelModule& row : catalog::kernel_modules()) {
    if (!is_listed(row, kernel) || !modules.contains(std::string(row.name))) continue;
    for_each_word(row.aliases, [&](std::string_view alias) { aliases.emplace_back(alias); });
  }
  std::ranges::sort(aliases);
  return aliases;
}

void add_dependencies(ModuleGraph& graph, std::span<const ModuleDependencies> dependencies) {
  for (const ModuleDependencies& module : dependencies) {
    graph.add(module.name);
    for (const std::string& used : module.depends) graph.add_use(module.name, used);
  }
}

void add_loaded(ModuleGraph& graph, std::span<const LoadedModule> loaded) {
  for (const LoadedModule& module : loaded) {
    graph.add(module.name);
    for (const std::string& user : module.used_by) graph.add_use(user, module.name);
  }
}

std::span<const std::string_view> conntrack_cores() {
  static constexpr std::array<std::string_view, 2> cores{"ip_conntrack", "nf_conntrack"};
  return cores;
}

}  // namespace untrack
