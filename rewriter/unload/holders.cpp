#include "rewriter/unload/holders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

namespace untrack {
namespace {

using catalog::Role;

// Modules of the row for the families and the kernel that stand on connection tracking.
std::vector<std::string> standing_modules(const catalog::Extension& row, IpVersions versions,
                                          const std::optional<KernelVersion>& kernel,
                                          const std::set<std::string>& standing) {
  std::vector<std::string> modules;
  for (const catalog::ModuleName& module : row.modules) {
    const bool is_in_kernel = kernel ? module.since <= *kernel && *kernel < module.before
                                     : module.before > hooks_on_demand;
    if (is_in_kernel && !(module.ip_versions & versions).empty() &&
        standing.contains(std::string(module.name))) {
      modules.emplace_back(module.name);
    }
  }
  std::ranges::sort(modules);
  return modules;
}

// One sentence for people, by what the construct is there for.
std::string_view what_to_do(Role role) {
  switch (role) {
    case Role::state_match:
      return "replace it by rules that need no state: accept what the services are asked, and the "
             "replies to what this host asks";
    case Role::entry_match:
      return "replace it by a match on the packet itself, or leave the rule out";
    case Role::connmark:
      return "mark packets instead of connections (-j MARK in mangle), if the way of the replies "
             "does not depend on it";
    case Role::connection_count:
      return "limit the rate instead of the number (-m hashlimit)";
    case Role::helper:
      return "leave it out; what the helper let in has to be let in by ports";
    case Role::nat:
      return "NAT cannot be done without tracking: route instead, or keep it";
    case Role::tracking_control:
      return "leave it out: it only changes how connections are tracked";
    case Role::notrack:
      return "leave it out: without tracking there is nothing that it could switch off, and it "
             "needs its module to load";
    case Role::synproxy:
      return "leave it out; SYN cookies (net.ipv4.tcp_syncookies) protect this host itself";
    case Role::packet_field:
    case Role::history:
    case Role::host_fact:
    case Role::verdict:
    case Role::mangle:
    case Role::observe:
    case Role::annotation:
      break;
  }
  return "leave it out: it needs a module that stands on conntrack";
}

// The constructs that force tracking, of both families, sorted: asked once per construct.
std::vector<ConstructId> forcing_constructs(const Tracking& tracking) {
  std::vector<ConstructId> ids;
  for (const FamilyTracking& family : tracking.by_version) {
    ids.insert(ids.end(), family.forced_by.begin(), family.forced_by.end());
  }
  std::ranges::sort(ids);
  return ids;
}

std::string name_of(const Construct& construct) {
  const bool is_match = construct.kind == catalog::ExtensionKind::match;
  return fmt::format("{} {}", is_match ? "-m" : "-j", construct.name);
}

Holder unknown_construct(const Construct& construct, IpVersions versions) {
  return {.kind = HolderKind::not_understood,
          .name = name_of(construct),
          .span = construct.span,
          .ip_versions = versions,
          .why = "this extension is not known here; it may stand on conntrack",
          .what_to_do = "leave it out, or look up which modules it loads"};
}

void add_rule_holders(const UnloadInput& input, const std::set<std::string>& standing,
                      std::vector<Holder>& holders) {
  const Ruleset& ruleset = input.ruleset;
  const std::vector<ConstructId> forcing = forcing_constructs(input.tracking);
  for (const Chain& chain : ruleset.chains) {
    const IpVersions versions = ip_versions(ruleset[chain.table].family);
    for (const RuleId rule_id : chain.rules) {
      const Rule& rule = ruleset[rule_id];
      for (std::uint32_t i = 0; i < rule.constructs.count; ++i) {
        const ConstructId id(rule.constructs.first + i);
        const Construct& construct = ruleset[id];
        if (construct.extension == nullptr) {
          holders.push_back(unknown_construct(construct, versions));
          continue;
        }
        const bool forces = std::ranges::binary_search(forcing, id);
        std::vector<std::string> modules =
            standing_modules(*construct.extension, versions, input.kernel, standing);
        if (!forces && modules.empty()) continue;
        const bool is_notrack =
            !forces && construct.extension->tracking == catalog::Tracking::unless_notrack;
        holders.push_back(
            {.kind = HolderKind::rule,
             .name = name_of(construct),
             .span = construct.span,
             .ip_versions = versions,
             .forces_tracking = forces,
             .modules = std::move(modules),
             .use_count = rule.copies,
             .why = forces ? "switches connection tracking on as soon as it is loaded"
                           : "does not switch tracking on, but its module stands on nf_conntrack",
             .what_to_do =
                 std::string(what_to_do(is_notrack ? Role::notrack : construct.extension->role))});
      }
    }
  }
}

// A nat table without a NAT rule does not make a kernel of 4.10 or later track, but loading it
// needs iptable_nat or nft_chain_nat; with these blocked, iptables-restore would refuse the whole
// file.
void add_nat_tables(const UnloadInput& input, const std::set<std::string>& standing,
                    std::vector<Holder>& holders) {
  for (const Table& table : input.ruleset.tables) {
    if (table.language != Language::iptables || table.name != "nat") continue;
    const IpVersions versions = ip_versions(table.family);
    Holder holder{.kind = HolderKind::nat_table,
                  .name = "*nat",
                  .span = table.span,
                  .ip_versions = versions,
                  .forces_tracking = input.kernel && *input.kernel < hooks_on_demand,
                  .why =
                      "a nat table needs its module even when it has no rules, and the whole "
                      "file fails to load when that is blocked",
                  .what_to_do = "leave the table out, from its header to its COMMIT"};
    for (const char* module :
         {versions.has(IpVersion::ipv4) ? "iptable_nat" : "ip6table_nat", "nft_chain_nat"}) {
      if (standing.contains(module)) holder.modules.emplace_back(module);
    }
    std::ranges::sort(holder.modules);
    holders.push_back(std::move(holder));
  }
}

void add_problems(const UnloadInput& input, std::vector<Holder>& holders) {
  for (const Problem& problem : input.ruleset.problems) {
    if (!problem.may_track) continue;
    holders.push_back({.kind = HolderKind::not_understood,
                       .name = problem.message,
                       .span = problem.span,
                       .why = "not understood; it may need tracking",
                       .what_to_do = problem.cure});
  }
}

// What of a host no ruleset shows, and what of it can hold tracking's modules. enable_hooks is none
// of them: it makes the module track, and does not hold it.
struct UserRow {
  std::string_view what;
  std::string_view why;
  std::string_view what_to_do;
};
constexpr std::array user_rows = {
    UserRow{conntrack_user::tc, "its actions hold the modules that they are made of",
            "delete the filters and actions that look at connections (tc filter, tc actions)"},
    UserRow{conntrack_user::ipvs, "it carries traffic of its own, and may have it tracked",
            "delete its services (ipvsadm --clear), if nothing needs them"},
    UserRow{conntrack_user::open_vswitch, "its module stands on nf_conntrack",
            "keep tracking, unless the switch can go"},
    UserRow{conntrack_user::namespaces, "connections are tracked there",
            "look into each (untrack audit --live --netns NAME) and rewrite its rules, too"},
};

const ConntrackUser* user_of(const UnloadInput& input, std::string_view what) {
  if (!input.users) return nullptr;
  const auto found = std::ranges::find(*input.users, what, &ConntrackUser::what);
  return found == input.users->end() ? nullptr : &*found;
}

// Who is behind references that neither modules nor the given rules explain, as far as is known.
std::string others_behind(const UnloadInput& input, std::string_view module) {
  if (!input.users) {
    return "that nothing given explains (rules loaded now, another namespace or backend, tc, a "
           "program)";
  }
  const ConntrackUser* tc = user_of(input, conntrack_user::tc);
  // An action's module is held by its actions alone (tcf_action_init_1, act_api.c).
  if (tc != nullptr && tc->state == ConntrackUser::State::used && module.starts_with("act_")) {
    return fmt::format("of tc ({})", fmt::join(tc->details, ", "));
  }
  const ConntrackUser* namespaces = user_of(input, conntrack_user::namespaces);
  if (namespaces != nullptr && namespaces->state != ConntrackUser::State::not_used) {
    return fmt::format("of no rule above: rules of other network namespaces ({}) or a program",
                       fmt::join(namespaces->details, ", "));
  }
  return "of no rule above: a program, or rules that changed while the snapshot was taken";
}

std::string why_loaded(const UnloadInput& input, const Holder& holder) {
  std::vector<std::string> reasons;
  if (!holder.used_by.empty()) {
    reasons.push_back(fmt::format("used by {}", fmt::join(holder.used_by, ", ")));
  }
  if (holder.not_explained > 0) {
    reasons.push_back(fmt::format("{} reference{} {}", holder.not_explained,
                                  holder.not_explained == 1 ? "" : "s",
                                  others_behind(input, holder.name)));
  }
  if (reasons.empty() && holder.use_count.value_or(0) > 0) return "used by the rules above";
  if (reasons.empty()) return holder.use_count ? "loaded, used by nothing" : "loaded";
  return fmt::format("{}", fmt::join(reasons, "; "));
}

}  // namespace

std::vector<Holder> holders_in_rules(const UnloadInput& input,
                                     const std::set<std::string>& standing) {
  std::vector<Holder> holders;
  add_rule_holders(input, standing, holders);
  add_nat_tables(input, standing, holders);
  add_problems(input, holders);
  std::ranges::stable_sort(holders,
                           [](const Holder& a, const Holder& b) { return a.span < b.span; });
  return holders;
}

std::vector<Holder> holders_among_modules(const UnloadInput& input,
                                          const std::set<std::string>& standing,
                                          const std::vector<Holder>& in_rules) {
  if (!input.loaded) return {};
  std::map<std::string, std::uint32_t, std::less<>> rule_uses;
  for (const Holder& holder : in_rules) {
    // A table that holds more than its empty chains takes one of its own module (x_tables.c,
    // xt_replace_table; seen on 6.1).
    if (holder.kind == HolderKind::nat_table) {
      for (const std::string& module : holder.modules) rule_uses[module] += 1;
    }
    // A rule takes one reference of its extension's module (xt_find_match, try_module_get).
    // Of several names only one is a module of this kernel.
    if (holder.kind != HolderKind::rule) continue;
    for (const std::string& module : holder.modules) {
      rule_uses[module] += holder.use_count.value_or(1);
    }
  }
  std::vector<Holder> holders;
  for (const LoadedModule& module : *input.loaded) {
    if (!standing.contains(module.name)) continue;
    Holder holder{.kind = HolderKind::module,
                  .name = module.name,
                  .modules = {module.name},
                  .used_by = module.used_by,
                  .use_count = module.use_count};
    std::ranges::sort(holder.used_by);
    const std::size_t explained = holder.used_by.size() + rule_uses[module.name];
    if (module.use_count && *module.use_count > explained) {
      holder.not_explained = *module.use_count - static_cast<std::uint32_t>(explained);
    }
    holder.why = why_loaded(input, holder);
    holders.push_back(std::move(holder));
  }
  std::ranges::sort(holders, {}, &Holder::name);
  return holders;
}

std::vector<Holder> holders_outside_rules(const UnloadInput& input) {
  std::vector<Holder> holders;
  for (const UserRow& row : user_rows) {
    const ConntrackUser* user = user_of(input, row.what);
    if (user == nullptr || user->state != ConntrackUser::State::used) continue;
    holders.push_back({.kind = HolderKind::other_user,
                       .name = std::string(row.what),
                       .why = fmt::format("{} ({})", row.why, fmt::join(user->details, ", ")),
                       .what_to_do = std::string(row.what_to_do)});
  }
  return holders;
}

}  // namespace untrack
