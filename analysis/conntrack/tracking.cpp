#include "analysis/conntrack/tracking.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace untrack {
namespace {

bool is_notrack(const Ruleset& ruleset, const Construct& construct) {
  if (construct.extension == nullptr) return false;
  return construct.extension->role == catalog::Role::notrack ||
         has_option(ruleset, construct, "notrack");
}

// What one family's walk over the tables saw besides what it put into FamilyTracking.
struct Seen {
  bool notrack = false;
};

// The families that a construct of this table can make the kernel track. `ct` in a bridge table
// takes those of IP, too; in arp and netdev the kernel refuses it (docs/facts.md).
IpVersions tracked_versions(Family family) {
  return family == Family::bridge ? IpVersions::both() : ip_versions(family);
}

void look_at_rule(const Ruleset& ruleset, RuleId id, IpVersion version, FamilyTracking& tracking,
                  Seen& seen) {
  const Rule& rule = ruleset[id];
  bool is_forcing = false;
  bool is_unknown = false;
  bool is_open = false;
  for (std::uint32_t i = 0; i < rule.constructs.count; ++i) {
    const ConstructId construct_id(rule.constructs.first + i);
    const Construct& construct = ruleset[construct_id];
    if (construct.extension == nullptr) {
      is_unknown = true;
    } else if (!construct.ip_versions.has(version)) {
      continue;
    } else if (takes_reference(ruleset, construct)) {
      tracking.forced_by.push_back(construct_id);
      is_forcing = true;
    } else if (is_notrack(ruleset, construct)) {
      seen.notrack = true;
    }
  }
  for (const RulePart& part : slice(ruleset.parts, rule.parts)) {
    const auto* statement = std::get_if<Statement>(&part.what);
    if (statement == nullptr) continue;
    const auto* jump = std::get_if<JumpStatement>(statement);
    // iptables reads a jump to a name that is no chain as an extension of that name; in a part of a
    // ruleset it is a chain whose rules are not here. Either may track.
    if (jump == nullptr || jump->chain.names_something()) continue;
    (ruleset.table_of(rule).is_partial ? is_open : is_unknown) = true;
  }
  if (is_open) tracking.open_rules.push_back(id);
  if (is_forcing && !is_declaration(ruleset, rule)) ++tracking.forcing_rules;
  if (is_unknown) tracking.unknown_rules.push_back(id);
}

// Places that may track and are not known, each once: a rule of which a problem already tells is
// that problem.
std::size_t count_doubts(const Ruleset& ruleset, const FamilyTracking& tracking) {
  std::vector<Span> told;
  for (const std::size_t i : tracking.not_known) told.push_back(ruleset.problems[i].span);
  std::sort(told.begin(), told.end());
  std::size_t doubts = told.size();
  for (const RuleId id : tracking.unknown_rules) {
    const Span& rule = ruleset[id].text;
    const auto next = std::lower_bound(told.begin(), told.end(), Span{rule.source, rule.begin, 0});
    const bool is_told =
        next != told.end() && next->source == rule.source && next->begin < rule.end;
    if (!is_told) ++doubts;
  }
  return doubts;
}

void conclude(FamilyTracking& tracking, const Seen& seen, std::size_t doubts, IpVersion version,
              const std::optional<KernelVersion>& kernel) {
  const bool is_old_kernel = kernel && *kernel < hooks_on_demand;
  std::string_view module = version == IpVersion::ipv4 ? "nf_conntrack_ipv4" : "nf_conntrack_ipv6";
  if (version == IpVersion::ipv4 && kernel && *kernel < KernelVersion{2, 6, 22}) {
    module = "ip_conntrack (or nf_conntrack_ipv4)";
  }
  if (!tracking.forced_by.empty() || !tracking.forced_by_tables.empty()) {
    tracking.state = TrackingState::forced;
    if (is_old_kernel) {
      tracking.why = fmt::format(
          "before 4.10 the loaded module {} tracks every packet in every network namespace, and "
          "this ruleset loads it",
          module);
      if (tracking.forced_by.empty()) tracking.why += " with its nat table alone";
    } else {
      tracking.why =
          "the kernel tracks every packet of the family as long as such a rule is loaded, reached "
          "or "
          "not";
    }
  } else if (doubts > 0) {
    tracking.state = TrackingState::unknown;
    tracking.why =
        fmt::format("{} not understood may switch it on",
                    doubts == 1 ? "a place that was" : fmt::format("{} places that were", doubts));
  } else if (!tracking.open_rules.empty()) {
    tracking.state = TrackingState::unknown;
    tracking.why = tracking.open_rules.size() == 1
                       ? "a rule jumps to a chain that is in no input"
                       : fmt::format("{} rules jump to chains that are in no input",
                                     tracking.open_rules.size());
  } else if (is_old_kernel && seen.notrack) {
    // Which module holds the hooks changed between 2.6.15 (nf_conntrack beside ip_conntrack)
    // and 4.9.
    tracking.state = TrackingState::unknown;
    tracking.why =
        "before 4.10 NOTRACK loads the conntrack module, and whether that alone tracks depends on "
        "how the kernel was built";
  } else {
    tracking.state = TrackingState::not_forced;
    tracking.why = is_old_kernel ? fmt::format(
                                       "nothing in the ruleset loads {}; before 4.10 it tracks "
                                       "everything as soon as anything else loads it",
                                       module)
                                 : "no rule holds anything that the kernel would track for";
  }
}

}  // namespace

std::string_view to_text(TrackingState state) {
  switch (state) {
    case TrackingState::forced:
      return "forced";
    case TrackingState::not_forced:
      return "not_forced";
    case TrackingState::unknown:
      return "unknown";
  }
  return {};
}

bool has_option(const Ruleset& ruleset, const Construct& construct, std::string_view name) {
  for (const OptionUse& option : slice(ruleset.options, construct.options)) {
    if (option.row != nullptr && option.row->name == name) return true;
  }
  return false;
}

bool takes_reference(const Ruleset& ruleset, const Construct& construct) {
  if (construct.extension == nullptr) return false;
  switch (construct.extension->tracking) {
    case catalog::Tracking::never:
      return false;
    case catalog::Tracking::always:
      return true;
    case catalog::Tracking::unless_notrack:
      return !has_option(ruleset, construct, "notrack");
  }
  return true;
}

IpVersions ip_versions_of(const Ruleset& ruleset, SourceId source) {
  IpVersions versions;
  for (const InputSummary& input : ruleset.inputs) {
    if (input.source == source) versions = versions | input.ip_versions;
  }
  return versions.empty() ? IpVersions::both() : versions;
}

Tracking find_tracking(const Ruleset& ruleset, const std::optional<KernelVersion>& kernel) {
  const bool is_old_kernel = kernel && *kernel < hooks_on_demand;
  Tracking found;
  std::array<Seen, 2> seen;
  for (std::size_t i = 0; i < ruleset.tables.size(); ++i) {
    const Table& table = ruleset.tables[i];
    const IpVersions versions = tracked_versions(table.family);
    for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
      if (!versions.has(version)) continue;
      const bool sees_packets = ip_versions(table.family).has(version);
      const auto index = static_cast<std::size_t>(version);
      FamilyTracking& tracking = found.by_version[index];
      if (is_old_kernel && table.language == Language::iptables && table.name == "nat") {
        tracking.forced_by_tables.emplace_back(i);
      }
      for (const ChainId chain : table.chains) {
        for (const RuleId rule : ruleset[chain].rules) {
          if (sees_packets) ++tracking.rules;
          look_at_rule(ruleset, rule, version, tracking, seen[index]);
        }
      }
      for (const RuleId object : table.objects) {
        look_at_rule(ruleset, object, version, tracking, seen[index]);
      }
    }
  }
  for (std::size_t i = 0; i < ruleset.problems.size(); ++i) {
    if (!ruleset.problems[i].may_track) continue;
    const IpVersions versions = ip_versions_of(ruleset, ruleset.problems[i].span.source);
    for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
      if (versions.has(version)) {
        found.by_version[static_cast<std::size_t>(version)].not_known.push_back(i);
      }
    }
  }
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    const auto index = static_cast<std::size_t>(version);
    conclude(found.by_version[index], seen[index], count_doubts(ruleset, found.by_version[index]),
             version, kernel);
  }
  return found;
}

}  // namespace untrack
