#include "app/pipeline/audit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include "analysis/check.hpp"
#include "analysis/facts.hpp"
#include "analysis/flows/family_world.hpp"
#include "analysis/local/rule_lives.hpp"
#include "analysis/pressure/entry_size.hpp"
#include "analysis/pressure/given_settings.hpp"
#include "app/pipeline/flow_need.hpp"
#include "app/pipeline/suppress.hpp"

namespace untrack {
namespace {

constexpr std::string_view forcing_code = "UT301";

std::string count(std::size_t number, std::string_view word) {
  return fmt::format("{} {}{}", number, word, number == 1 ? "" : "s");
}

std::string clause_of(const FamilyVerdict& family, bool is_first) {
  const std::string_view name = display_name(family.version);
  switch (family.state) {
    case TrackingState::forced:
      if (family.constructs == 0) {
        return fmt::format("{} is forced for {} by the nat table alone",
                           is_first ? "Connection tracking" : "it", name);
      }
      if (family.forcing_rules == 0) {
        return fmt::format("{} is forced for {} by {}", is_first ? "Connection tracking" : "it",
                           name, count(family.constructs, "declaration"));
      }
      // Rules of bridge, too, which are not of either family.
      if (family.forcing_rules > family.rules) {
        return fmt::format(
            "{} is forced for {} by {} in {}", is_first ? "Connection tracking" : "it", name,
            count(family.constructs, "construct"), count(family.forcing_rules, "rule"));
      }
      return fmt::format(
          "{} is forced for {} by {} in {} of {}", is_first ? "Connection tracking" : "it", name,
          count(family.constructs, "construct"), family.forcing_rules, count(family.rules, "rule"));
    case TrackingState::not_forced:
      return is_first ? fmt::format("Nothing here forces connection tracking for {}", name)
                      : fmt::format("nothing forces it for {}", name);
    case TrackingState::unknown:
      return is_first
                 ? fmt::format("Whether connection tracking is forced for {} is not known: {}",
                               name, family.why)
                 : fmt::format("whether it is forced for {} is not known: {}", name, family.why);
  }
  return {};
}

std::string verdict_of(const std::vector<FamilyVerdict>& families) {
  if (families.empty()) {
    return "No firewall rules were read, so that nothing is known about connection tracking.";
  }
  std::string verdict;
  for (const FamilyVerdict& family : families) {
    if (!verdict.empty()) verdict += "; ";
    verdict += clause_of(family, verdict.empty());
  }
  verdict += ".";
  if (families.size() == 1) {
    const IpVersion other =
        families.front().version == IpVersion::ipv4 ? IpVersion::ipv6 : IpVersion::ipv4;
    verdict += fmt::format(" No {} rules were given.", display_name(other));
  }
  return verdict;
}

// "-j MASQUERADE" without its options; what CT does is in its options.
std::string short_name(const std::string& construct) {
  return construct.starts_with("-j CT") ? construct : construct.substr(0, construct.find(" --"));
}

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

// Said with the verdict, which rests on what was understood.
std::string caveat_of(const Ruleset& ruleset) {
  const auto doubtful =
      std::count_if(ruleset.problems.begin(), ruleset.problems.end(),
                    [](const Problem& problem) { return problem.kind != ProblemKind::note; });
  if (doubtful == 0) return {};
  return fmt::format(" {} in the input {} wrong or not understood.",
                     count(static_cast<std::size_t>(doubtful), "place"),
                     doubtful == 1 ? "is" : "are");
}

// It may force tracking of a family, too, whose packets it does not match.
bool is_bound(const Facts& facts, const Finding& finding, IpVersion version) {
  if (finding.need != Need::bound || !finding.construct.names_something()) return false;
  const RuleId rule = facts.ruleset[finding.construct].rule;
  return is_declaration(facts.ruleset, facts.ruleset[rule]) ||
         facts.ip_versions_matched(rule).has(version);
}

std::vector<FamilyVerdict> judge_families(const Facts& facts,
                                          const std::vector<Finding>& findings) {
  std::vector<FamilyVerdict> families;
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    if (!facts.given.has(version)) continue;
    const FamilyTracking& tracking = facts.tracking[version];
    FamilyVerdict family{
        version,        tracking.state, {}, tracking.forced_by.size(), tracking.forcing_rules,
        tracking.rules, tracking.why,   {}};
    for (std::size_t i = 0; i < findings.size(); ++i) {
      if (findings[i].check->code == forcing_code && findings[i].ip_versions.has(version)) {
        family.forced_by.push_back(i);
        if (is_bound(facts, findings[i], version)) {
          add_once(family.bound, short_name(findings[i].construct_name));
        }
      }
    }
    families.push_back(std::move(family));
  }
  return families;
}

std::vector<ModuleUse> list_modules(const std::vector<Finding>& findings) {
  std::map<std::string, std::vector<std::size_t>> uses;
  // Of the modules that the last findings named, which mostly are those of the next one.
  std::vector<std::vector<std::size_t>*> last_uses;
  const std::vector<std::string>* last = nullptr;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    if (findings[i].modules == nullptr) continue;
    if (findings[i].modules.get() != last) {
      last = findings[i].modules.get();
      last_uses.clear();
      for (const std::string& module : *last) last_uses.push_back(&uses[module]);
    }
    for (std::vector<std::size_t>* use : last_uses) use->push_back(i);
  }
  std::vector<ModuleUse> modules;
  modules.reserve(uses.size());
  for (auto& [name, needed_by] : uses) modules.push_back({name, std::move(needed_by)});
  return modules;
}

// Parts of a host that track without a rule, unless a snapshot says what is there.
constexpr std::array unseen_users = {conntrack_user::namespaces, conntrack_user::open_vswitch,
                                     conntrack_user::tc, conntrack_user::ipvs,
                                     conntrack_user::enable_hooks};

bool is_seen(std::string_view what, const std::vector<ConntrackUser>& users) {
  return std::any_of(users.begin(), users.end(), [&](const ConntrackUser& user) {
    return user.what == what && user.state != ConntrackUser::State::not_known;
  });
}

// With the parameter every packet is tracked, whatever the rules say.
void heed_enable_hooks(std::vector<FamilyVerdict>& families,
                       const std::vector<ConntrackUser>& users) {
  const auto is_set = std::any_of(users.begin(), users.end(), [](const ConntrackUser& user) {
    return user.what == conntrack_user::enable_hooks && user.state == ConntrackUser::State::used;
  });
  if (!is_set) return;
  for (FamilyVerdict& family : families) {
    if (family.state != TrackingState::not_forced) continue;
    family.state = TrackingState::unknown;
    family.why = fmt::format("no rule does it, but {} is set, which tracks without a rule",
                             conntrack_user::enable_hooks);
  }
}

std::vector<std::string> list_not_seen(const Ruleset& ruleset, bool is_live,
                                       const std::vector<ConntrackUser>& users) {
  std::vector<std::string> not_seen;
  const auto is_partial = [](const Table& table) { return table.is_partial; };
  if (std::any_of(ruleset.tables.begin(), ruleset.tables.end(), is_partial)) {
    not_seen.emplace_back("the rest of the tables that these inputs are part of");
  }
  const auto is_of_nft = [](const Table& table) { return table.language == Language::nft; };
  const bool has_nft = std::any_of(ruleset.tables.begin(), ruleset.tables.end(), is_of_nft);
  if (!is_live) not_seen.emplace_back(has_nft ? "rules of iptables-legacy" : "nftables rules");
  for (const std::string_view user : unseen_users) {
    if (!is_seen(user, users)) not_seen.emplace_back(user);
    if (user == conntrack_user::namespaces) {
      not_seen.emplace_back("rules that programs add while they run");
    }
  }
  return not_seen;
}

// What is known of a rule in each IP version.
struct KnownLife {
  IpVersions live = IpVersions::none();
  IpVersions never = IpVersions::none();
};
using KnownLives = std::vector<KnownLife>;  // by RuleId

void add_lives(IpVersion version, const RuleLives& lives, KnownLives& known) {
  for (std::size_t i = 0; i < lives.of_rule.size(); ++i) {
    if (lives.of_rule[i] == RuleLife::live) known[i].live = known[i].live | version;
    if (lives.of_rule[i] == RuleLife::never) known[i].never = known[i].never | version;
  }
}

LiveRules count_lives(const Facts& facts, const KnownLives& known) {
  LiveRules counts;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (!facts.is_loaded[i]) continue;
    // A table of both families is dead in both.
    const IpVersions versions = facts.ip_versions_of(RuleId(i)) & facts.given;
    if (versions.empty()) continue;
    ++counts.rules;
    if (!known[i].live.empty()) {
      ++counts.live;
    } else if (!facts.is_reached[i] || known[i].never == versions) {
      ++counts.never;
    }
  }
  return counts;
}

// As `untrack pressure` reckons it.
unsigned bytes_of_entry(const AuditPolicy& policy, HostSettings host, const Ruleset& ruleset) {
  Platform platform;
  platform.kernel = policy.kernel ? *policy.kernel : host.kernel.value_or(newest_kernel_read);
  host.entry_object = policy.entry_object;
  host.extension.has_listener = policy.has_listener;
  const ExtensionRules rules = find_extension_rules(ruleset, platform.kernel);
  return entry_size(platform, host, &rules).bytes();
}

GivenSettings read_settings_texts(const AuditPolicy& policy, AuditReport& report) {
  std::vector<SourceId> ids;
  for (const InputText& input : policy.settings) {
    ids.push_back(report.sources.add(input.path, input.text));
  }
  GivenSettings settings = read_given_settings(report.sources, ids, report.entry_problems);
  settings.has_other_users = std::any_of(
      policy.users.begin(), policy.users.end(),
      [](const ConntrackUser& user) { return user.state == ConntrackUser::State::used; });
  return settings;
}

}  // namespace

AuditReport audit(std::vector<InputText> inputs, const AuditPolicy& policy) {
  AuditReport report;
  report.kernel = policy.kernel;
  if (policy.host_ports) report.assumed.host_ports = *policy.host_ports;
  report.ruleset = parse_texts(std::move(inputs), report.sources, policy.format, policy.ip_version);
  Facts facts = gather_facts(report.ruleset, report.sources, policy.kernel);
  std::vector<std::unique_ptr<FamilyWorld>> worlds;
  KnownLives known_lives(report.ruleset.rules.size());
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    if (!facts.given.has(version)) continue;
    const bool tracks = facts.tracking[version].state != TrackingState::not_forced;
    worlds.push_back(std::make_unique<FamilyWorld>(report.ruleset, version, tracks, policy.limits));
    FamilyWorld& world = *worlds.back();
    RuleLives lives;
    if (!world.is_partial()) {
      lives = find_rule_lives(world.program(), {.threads = policy.threads});
    }
    add_shadows(world, lives.shadows, facts.shadows);
    complete(lives, world);
    add_lives(version, lives, known_lives);
    add_flow_facts(world, facts.flows);
    if (tracks) {
      report.flows.push_back(find_flow_table(world, report.assumed, policy.flow_words));
      add_left(world, report.sources, report.assumed, report.flows.back());
    }
    // Last, since the limit of nodes is one for all, and this can be done without best.
    add_redundancies(world, facts.shadows, facts.redundancies);
    facts.cut[static_cast<std::size_t>(version)] = world.cut();
  }
  GivenSettings settings;
  if (!policy.settings.empty()) {
    settings = read_settings_texts(policy, report);
    facts.settings = &settings;
  }
  report.lives = count_lives(facts, known_lives);
  if (policy.entries) {
    report.attribution =
        attribute(report.ruleset, facts.given, policy.kernel, *policy.entries, policy.locals,
                  report.flows, report.sources, report.entry_problems);
    report.entry_bytes = bytes_of_entry(policy, settings.host, report.ruleset);
  }
  report.findings = run_checks(facts);
  add_suppressions(facts.ignores, report);
  report.families = judge_families(facts, report.findings);
  report.users = policy.users;
  heed_enable_hooks(report.families, policy.users);
  add_needs(report);
  report.verdict = verdict_of(report.families) + need_sentence(report) + caveat_of(report.ruleset);
  report.modules = list_modules(report.findings);
  report.not_seen = list_not_seen(report.ruleset, policy.is_live, policy.users);
  const auto is_doubtful = [](const Problem& problem) { return problem.kind != ProblemKind::note; };
  const auto is_unknown = [](const FamilyVerdict& family) {
    return family.state == TrackingState::unknown;
  };
  report.is_fully_understood =
      !report.families.empty() &&
      std::none_of(report.ruleset.problems.begin(), report.ruleset.problems.end(), is_doubtful) &&
      std::none_of(report.families.begin(), report.families.end(), is_unknown) &&
      report.entry_problems.empty();
  return report;
}

std::optional<Severity> worst(const AuditReport& report) {
  std::optional<Severity> worst;
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    const Severity severity = report.findings[i].severity;
    if (report.suppression_of(i) == nullptr && (!worst || severity > *worst)) worst = severity;
  }
  return worst;
}

}  // namespace untrack
