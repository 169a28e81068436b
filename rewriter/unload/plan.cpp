#include "rewriter/unload/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "model/catalog/kernel_modules.hpp"
#include "rewriter/unload/holders.hpp"
#include "rewriter/unload/module_graph.hpp"
#include "rewriter/unload/steps.hpp"

namespace untrack {
namespace {

// What netfilter and tc call the modules whose use count tells who needs them.
constexpr std::array<std::string_view, 13> counted_prefixes = {
    "act_", "arpt_",    "arptable_", "ebt_",       "ip6t_", "ip_", "ip6table_",
    "ipt_", "iptable_", "nf_",       "nfnetlink_", "nft_",  "xt_"};

bool has_row(std::string_view module) {
  return std::ranges::any_of(catalog::kernel_modules(), [&](const catalog::KernelModule& row) {
    if (row.name == module) return true;
    const std::string around = fmt::format(" {} ", row.aliases);
    return around.find(fmt::format(" {} ", module)) != std::string::npos;
  });
}

// Neither in the catalog nor named as parts of netfilter are: a driver, say (those that offload
// connections stand on nf_flow_table). Its use count is zero while its interface carries traffic.
bool is_foreign(std::string_view module) {
  return !has_row(module) && std::ranges::none_of(counted_prefixes, [&](std::string_view prefix) {
    return module.starts_with(prefix);
  });
}

// Other things than filtering stand on it, even while its use count is zero.
bool is_kept(std::string_view module) {
  return is_foreign(module) ||
         std::ranges::any_of(catalog::kernel_modules(), [&](const catalog::KernelModule& row) {
           return row.name == module && row.use_count == catalog::UseCount::keep;
         });
}

ModuleGraph graph_of(const UnloadInput& input) {
  ModuleGraph graph;
  if (input.dependencies) {
    add_dependencies(graph, *input.dependencies);
  } else {
    graph = known_modules(input.kernel);
  }
  if (input.loaded) add_loaded(graph, *input.loaded);
  // Whatever else was given: the core of this kernel is what has to go.
  const ModuleGraph known = known_modules(input.kernel);
  for (const std::string_view core : conntrack_cores()) {
    if (known.has(core)) graph.add(core);
  }
  return graph;
}

bool is_loaded(const UnloadInput& input, std::string_view module) {
  return std::ranges::any_of(*input.loaded,
                             [&](const LoadedModule& row) { return row.name == module; });
}

std::set<std::string> to_remove(const UnloadInput& input, const std::set<std::string>& standing) {
  std::set<std::string> modules;
  for (const std::string& module : standing) {
    if (is_kept(module)) continue;
    if (!input.loaded || is_loaded(input, module)) modules.insert(module);
  }
  return modules;
}

std::optional<std::string> built_in_core(const UnloadInput& input) {
  if (!input.built_in) return std::nullopt;
  for (const std::string_view core : conntrack_cores()) {
    if (std::ranges::find(*input.built_in, core) != input.built_in->end()) return std::string(core);
  }
  return std::nullopt;
}

std::string counted(std::size_t number, std::string_view one) {
  return fmt::format("{} {}{}", number, one, number == 1 ? "" : "s");
}

struct Judgement {
  UnloadStatus status{};
  std::string why;
};

// The first reason that decides; a known need comes before a doubt, and a doubt before a condition.
Judgement judge(const UnloadInput& input, const UnloadPlan& plan, const ModuleGraph::Order& order) {
  std::size_t forcing = 0;
  std::size_t holding = 0;
  std::size_t unknown = 0;
  std::size_t references = 0;
  std::vector<std::string_view> others;
  for (const Holder& holder : plan.holders) {
    const bool is_rule = holder.kind == HolderKind::rule || holder.kind == HolderKind::nat_table;
    if (is_rule) ++(holder.forces_tracking ? forcing : holding);
    if (holder.kind == HolderKind::not_understood) ++unknown;
    if (holder.kind == HolderKind::other_user) others.emplace_back(holder.name);
    references += holder.not_explained;
  }
  const auto any_family = [&](TrackingState state) {
    return std::ranges::any_of(input.tracking.by_version,
                               [&](const FamilyTracking& family) { return family.state == state; });
  };
  if (forcing > 0 || any_family(TrackingState::forced)) {
    return {UnloadStatus::refused, fmt::format("{} of this ruleset {} connection tracking",
                                               counted(std::max<std::size_t>(forcing, 1), "place"),
                                               forcing > 1 ? "need" : "needs")};
  }
  if (unknown > 0) {
    return {UnloadStatus::unknown,
            fmt::format("{} of this ruleset {} not understood and may need connection tracking",
                        counted(unknown, "place"), unknown > 1 ? "were" : "was")};
  }
  for (const FamilyTracking& family : input.tracking.by_version) {
    if (family.state == TrackingState::unknown) return {UnloadStatus::unknown, family.why};
  }
  if (const auto core = built_in_core(input)) {
    return {UnloadStatus::refused,
            fmt::format("{} is built into this kernel. What can be reached is that no hooks are "
                        "registered, so that no packet is tracked, and this ruleset {}",
                        *core, holding == 0 ? "reaches it" : "reaches it on Linux 4.10 and later")};
  }
  if (holding > 0) {
    return {UnloadStatus::refused,
            fmt::format("no rule needs connection tracking, but {} of this ruleset {} its modules",
                        counted(holding, "place"), holding == 1 ? "holds" : "hold")};
  }
  if (!input.modules_understood) {
    return {UnloadStatus::unknown, "lines about the modules of this host were not understood"};
  }
  if (!order.stuck.empty()) {
    return {UnloadStatus::refused,
            fmt::format("the modules {} are said to use each other in a circle",
                        fmt::join(order.stuck, ", "))};
  }
  if (input.loaded) {
    for (const LoadedModule& module : *input.loaded) {
      const bool is_planned = std::ranges::find(plan.order, module.name) != plan.order.end();
      if (is_planned && (module.is_permanent || !module.use_count)) {
        return {UnloadStatus::refused,
                fmt::format("{} can never be unloaded{}", module.name,
                            module.is_permanent ? "" : ": this kernel cannot unload modules")};
      }
    }
    for (const Holder& holder : plan.holders) {
      if (holder.kind == HolderKind::module && is_kept(holder.name)) {
        return {UnloadStatus::refused,
                is_foreign(holder.name)
                    ? fmt::format("{} is loaded and stands on nf_conntrack; it is no part of "
                                  "netfilter that is known here, but a driver, perhaps: without "
                                  "nf_conntrack it could not be loaded at the next boot",
                                  holder.name)
                    : fmt::format("{} is loaded and stands on nf_conntrack; it carries traffic of "
                                  "its own and is not touched by this plan",
                                  holder.name)};
      }
    }
    if (references > 0) {
      return {UnloadStatus::conditional,
              fmt::format("nothing in this ruleset needs it, but {} to its modules {} {}",
                          counted(references, "reference"), references == 1 ? "is" : "are",
                          input.users ? "from elsewhere" : "not explained by what was given")};
    }
  }
  if (!others.empty()) {
    return {UnloadStatus::conditional,
            fmt::format("nothing in this ruleset needs it, but on this host {}: {}",
                        others.size() == 1 ? "something else uses it" : "others use it",
                        fmt::join(others, ", "))};
  }
  if (input.loaded) {
    if (plan.order.empty()) {
      return {UnloadStatus::ready,
              "it is not among the loaded modules; unless it is built in, nothing but keeping it "
              "from loading is left to do"};
    }
  }
  return {UnloadStatus::ready, "nothing in this ruleset needs it"};
}

std::vector<std::string> not_seen(const UnloadInput& input) {
  std::vector<std::string> unseen;
  IpVersions given;
  for (const Table& table : input.ruleset.tables) given = given | ip_versions(table.family);
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    if (!given.has(version)) {
      unseen.push_back(fmt::format("{} rules: none were given", display_name(version)));
    }
  }
  if (!input.loaded) unseen.emplace_back("which modules are loaded (--modules)");
  if (!input.dependencies) {
    unseen.emplace_back(
        "the modules of this very kernel (--modules-dep); a built-in table is used");
  }
  if (!input.built_in) unseen.emplace_back("whether it is built in (--modules-builtin)");
  if (!input.users) {
    unseen.emplace_back("nftables rules, other network namespaces, tc, Open vSwitch");
    return unseen;
  }
  // Whether the module tracks without a rule decides nothing about its going.
  for (const ConntrackUser& user : *input.users) {
    if (user.state != ConntrackUser::State::not_known || user.what == conntrack_user::enable_hooks)
      continue;
    unseen.push_back(fmt::format("{} ({})", user.what, fmt::join(user.details, ", ")));
  }
  return unseen;
}

}  // namespace

std::string_view to_text(HolderKind kind) {
  switch (kind) {
    case HolderKind::rule:
      return "rule";
    case HolderKind::nat_table:
      return "nat_table";
    case HolderKind::not_understood:
      return "not_understood";
    case HolderKind::module:
      return "module";
    case HolderKind::other_user:
      return "other_user";
    case HolderKind::built_in:
      return "built_in";
  }
  return {};
}

std::string_view to_text(UnloadStatus status) {
  switch (status) {
    case UnloadStatus::ready:
      return "ready";
    case UnloadStatus::conditional:
      return "conditional";
    case UnloadStatus::refused:
      return "refused";
    case UnloadStatus::unknown:
      return "unknown";
  }
  return {};
}

UnloadPlan plan_unload(const UnloadInput& input) {
  UnloadPlan plan;
  plan.kernel = input.kernel;
  // ip_conntrack went in 2.6.22; from 2.6.20 on nf_conntrack could do NAT, and took its place.
  constexpr KernelVersion nf_conntrack_since{2, 6, 20};
  plan.core = input.kernel && *input.kernel < nf_conntrack_since ? "ip_conntrack" : "nf_conntrack";
  const ModuleGraph graph = graph_of(input);
  const std::set<std::string> standing = graph.standing_on(conntrack_cores());

  plan.holders = holders_in_rules(input, standing);
  for (Holder& holder : holders_among_modules(input, standing, plan.holders)) {
    plan.holders.push_back(std::move(holder));
  }
  for (Holder& holder : holders_outside_rules(input)) plan.holders.push_back(std::move(holder));
  if (const auto core = built_in_core(input)) {
    plan.holders.push_back(
        {.kind = HolderKind::built_in,
         .name = *core,
         .modules = {*core},
         .why = "part of the kernel itself",
         .what_to_do = "nothing: without rules that need it, it tracks nothing"});
  }
  plan.loaders = find_loaders(input.sources, input.ruleset);

  ModuleGraph::Order order = graph.removal_order(to_remove(input, standing));
  plan.order = std::move(order.modules);
  for (const char* defrag : {"nf_defrag_ipv4", "nf_defrag_ipv6"}) {
    if (input.loaded ? is_loaded(input, defrag) : graph.has(defrag)) {
      plan.may_stay.emplace_back(defrag);
    }
  }
  const ModuleGraph known = known_modules(input.kernel);
  std::set<std::string> blocked = known.standing_on(conntrack_cores());
  // What is foreign cannot be loaded without the core anyhow; that is no reason to name it.
  for (const std::string& module : standing) {
    if (!is_foreign(module)) blocked.insert(module);
  }
  const std::vector<std::string> aliases = known_aliases(blocked, input.kernel);
  blocked.insert(aliases.begin(), aliases.end());
  plan.blocked.assign(blocked.begin(), blocked.end());
  plan.not_seen = not_seen(input);

  const Judgement judgement = judge(input, plan, order);
  plan.status = judgement.status;
  plan.why = judgement.why;
  if (plan.status == UnloadStatus::ready || plan.status == UnloadStatus::conditional) {
    plan.steps = unload_steps(plan);
  }
  return plan;
}

}  // namespace untrack
