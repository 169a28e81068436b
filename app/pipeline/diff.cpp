#include "app/pipeline/diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "analysis/difference/changed_rules.hpp"
#include "analysis/facts.hpp"
#include "app/pipeline/loaded.hpp"

namespace untrack {
namespace {

// What bears on conntrack, spelled so that equal constructs are equal texts.
std::optional<std::string> text_of(const Ruleset& ruleset, const Construct& construct) {
  const catalog::Extension* row = construct.extension;
  if (row == nullptr) return std::nullopt;
  const bool is_notrack =
      row->role == catalog::Role::notrack || has_option(ruleset, construct, "notrack");
  if (!is_notrack && !takes_reference(ruleset, construct)) return std::nullopt;
  // The old name of an extension is no other construct.
  Construct named = construct;
  if (!row->old_name_of.empty()) named.name = row->old_name_of;
  std::string text = display_name(named);
  std::vector<std::string> options;
  for (const OptionUse& option : slice(ruleset.options, construct.options)) {
    std::string_view spelled = option.row == nullptr ? option.name.view() : option.row->name;
    if (spelled.empty()) return std::string(option.value);  // of nft: all that it does
    if (spelled == "state") spelled = "ctstate";
    options.push_back(fmt::format("{}--{}{}{}", option.negated ? "! " : "", spelled,
                                  option.value.empty() ? "" : " ", option.value));
  }
  if (row->name == "NOTRACK") options.emplace_back("--notrack");
  std::ranges::sort(options);
  for (const std::string& option : options) text += ' ' + option;
  return text;
}

struct Counted {
  std::vector<Span> spans;
  IpVersions ip_versions;
};
using Constructs = std::map<std::string, Counted>;

Constructs constructs_of(const Ruleset& ruleset) {
  Constructs constructs;
  const auto add_rule = [&](RuleId id, const Table& table) {
    for (const Construct& construct : slice(ruleset.constructs, ruleset[id].constructs)) {
      const auto text = text_of(ruleset, construct);
      if (!text) continue;
      Counted& counted = constructs[*text];
      counted.spans.push_back(construct.span);
      counted.ip_versions =
          counted.ip_versions | (ip_versions(table.family) & construct.ip_versions);
    }
  };
  for (const Chain& chain : ruleset.chains) {
    for (const RuleId id : chain.rules) add_rule(id, ruleset[chain.table]);
  }
  for (const Table& table : ruleset.tables) {
    for (const RuleId id : table.objects) add_rule(id, table);
  }
  return constructs;
}

void add_changes(const Constructs& here, const Constructs& there, bool is_added,
                 std::vector<ConstructChange>& changes) {
  for (const auto& [text, counted] : here) {
    const auto other = there.find(text);
    const std::size_t known = other == there.end() ? 0 : other->second.spans.size();
    // Which of several equal ones is new cannot be told; the last ones are taken.
    for (std::size_t i = known; i < counted.spans.size(); ++i) {
      changes.push_back({is_added, text, counted.spans[i], counted.ip_versions});
    }
  }
}

FamilyDifference compare(const Ruleset& before, const Ruleset& after, IpVersion version,
                         const std::optional<KernelVersion>& kernel, FreeVariables& variables) {
  FamilyDifference family;
  family.version = version;
  family.before = find_tracking(before, kernel)[version].state;
  family.after = find_tracking(after, kernel)[version].state;
  // Of large ones only the rules that bear on what differs, which are a few as a rule.
  constexpr std::size_t large = 2'000;
  std::optional<PairedRules> pairs;
  if (std::min(before.rules.size(), after.rules.size()) >= large) {
    pairs = pair_rules(before, after, version);
  }
  const Program old_program(before, version, family.before != TrackingState::not_forced, variables,
                            NotrackUse::obeyed, AddressWrites::followed,
                            pairs ? &pairs->surveys[0] : nullptr);
  const Program new_program(after, version, family.after != TrackingState::not_forced, variables,
                            NotrackUse::obeyed, AddressWrites::followed,
                            pairs ? &pairs->surveys[1] : nullptr);
  const std::array<const Program*, 2> programs{&old_program, &new_program};
  std::unique_ptr<World> world;
  std::array<std::optional<RulesByKey>, 2> by_key;
  if (pairs) {
    if (const auto rules = rules_that_matter(old_program, new_program, *pairs)) {
      world = World::of_rules(programs, *rules);
    }
  }
  if (world != nullptr) {
    by_key[0].emplace(before, pairs->surveys[0]);
    by_key[1].emplace(after, pairs->surveys[1]);
    for (const std::size_t program : {0U, 1U}) world->meet_by(program, &*by_key[program]);
  }
  if (world == nullptr) world = World::make(programs);
  if (world != nullptr) {
    family.difference = within_budget([&] { return difference(*world); });
  }
  return family;
}

std::string tracking_clause(const FamilyDifference& family) {
  const std::string_view name = display_name(family.version);
  const auto on = TrackingState::forced;
  const auto off = TrackingState::not_forced;
  if (family.before == on && family.after == on) return fmt::format("stays on for {}", name);
  if (family.before == off && family.after == off) return fmt::format("stays off for {}", name);
  if (family.before == off && family.after == on) {
    return fmt::format("is switched on for {}", name);
  }
  if (family.before == on && family.after == off) {
    return fmt::format("is no longer forced for {}", name);
  }
  return fmt::format("is not known for {}", name);
}

std::string summary_of(const DiffReport& report) {
  std::array<std::size_t, 5> counts{};
  std::size_t works = 0;
  bool is_known = true;
  bool is_complete = true;
  for (const FamilyDifference& family : report.families) {
    if (!family.difference) {
      is_known = false;
      continue;
    }
    is_complete = is_complete && family.difference->is_complete;
    works += family.difference->work.size();
    is_known = is_known && family.difference->is_work_compared;
    for (const Change& change : family.difference->changes) {
      ++counts[static_cast<std::size_t>(change.kind)];
    }
  }
  const auto count = [&](ChangeKind kind) { return counts[static_cast<std::size_t>(kind)]; };
  const auto kinds = [&](std::size_t n) {
    return fmt::format("{}{} kind{} of packets", is_complete ? "" : "at least ", n,
                       n == 1 ? "" : "s");
  };
  std::string text;
  if (report.families.empty()) return "No firewall rules were read.";
  std::string lead;
  if (!report.is_fully_understood) {
    for (const auto& [side, name] :
         {std::pair(&report.before, "old"), std::pair(&report.after, "new")}) {
      if (!side->ruleset.tables.empty()) continue;
      lead += fmt::format("No firewall rules were read from the {} ruleset. ", name);
    }
  }
  if (report.is_equivalent()) {
    // What was not understood stands below; it may decide otherwise.
    text = fmt::format("{} decide every packet alike, in every connection state.",
                       report.is_fully_understood ? "Both rulesets"
                                                  : "As far as they are understood, both rulesets");
  } else {
    std::vector<std::string> clauses;
    if (const auto n = count(ChangeKind::accepted); n > 0) {
      clauses.push_back(fmt::format("accepts {} that the old one refuses", kinds(n)));
    }
    if (const auto n = count(ChangeKind::refused); n > 0) {
      clauses.push_back(fmt::format("refuses {} that the old one accepts", kinds(n)));
    }
    if (const auto n = count(ChangeKind::answered) + count(ChangeKind::unanswered); n > 0) {
      clauses.push_back(fmt::format("answers otherwise to {} that both refuse", kinds(n)));
    }
    if (const auto n = count(ChangeKind::unknown); n > 0) {
      clauses.push_back(fmt::format("decides {} in a way that is not known", kinds(n)));
    }
    if (!clauses.empty()) {
      text = report.is_fully_understood ? "The new ruleset "
                                        : "As far as both are understood, the new ruleset ";
      for (std::size_t i = 0; i < clauses.size(); ++i) {
        if (i > 0) text += i + 1 == clauses.size() ? ", and " : ", ";
        text += clauses[i];
      }
      text += '.';
    }
    if (works > 0) {
      text += fmt::format("{} is done to packets besides differs in {}{} place{}.",
                          clauses.empty() && is_known ? "Every packet is decided alike, but what"
                          : text.empty()              ? "What"
                                                      : " What",
                          is_complete ? "" : "at least ", works, works == 1 ? "" : "s");
    }
    if (!is_known) {
      text += text.empty() ? "" : " ";
      text += "Not all could be compared: the limit of the analysis was reached.";
    }
  }
  text += " Connection tracking ";
  for (std::size_t i = 0; i < report.families.size(); ++i) {
    text += (i > 0 ? ", " : "") + tracking_clause(report.families[i]);
  }
  return lead + text + ".";
}

bool is_used(const DiffReport& report, TrackingState FamilyDifference::*state) {
  return std::ranges::any_of(report.families, [state](const FamilyDifference& family) {
    return family.*state != TrackingState::not_forced;
  });
}

PressureDifference compare_pressure(const DiffReport& report, const DiffPolicy& policy) {
  PressureDifference found;
  const auto side_of = [&](const ComparedSide& side, const PressureRequest& settings,
                           bool is_used) {
    TableSide table;
    table.is_used = is_used;
    table.host = host_settings(settings, found.notes);
    // The option, the host's own, and what else is known of the target.
    const auto named = settings.kernel ? parse_kernel_version(*settings.kernel) : std::nullopt;
    const auto own = named ? named : table.host.kernel;
    table.kernel = own ? *own : policy.kernel.value_or(newest_kernel_read);
    table.rules = find_extension_rules(side.ruleset, table.kernel);
    return table;
  };
  found.is_used_before = is_used(report, &FamilyDifference::before);
  found.is_used_after = is_used(report, &FamilyDifference::after);
  const TableSide before = side_of(report.before, policy.settings_before, found.is_used_before);
  const TableSide after = side_of(report.after, policy.settings_after, found.is_used_after);
  found.has_settings = has_settings(before.host) && has_settings(after.host);
  found.changes = table_changes(before, after);
  return found;
}

}  // namespace

DiffReport diff(std::vector<InputText> before, std::vector<InputText> after,
                const DiffPolicy& policy) {
  Loaded old_side = load(std::move(before), policy.format, policy.ip_version);
  Loaded new_side = load(std::move(after), policy.format, policy.ip_version);
  DiffReport report;
  report.is_fully_understood = old_side.is_fully_understood() && new_side.is_fully_understood();
  const IpVersions given = old_side.given | new_side.given;
  auto variables = std::make_shared<FreeVariables>();
  report.before = {std::move(old_side.sources), std::move(old_side.ruleset)};
  report.after = {std::move(new_side.sources), std::move(new_side.ruleset)};
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    if (!given.has(version)) continue;
    report.families.push_back(
        compare(report.before.ruleset, report.after.ruleset, version, policy.kernel, *variables));
    const FamilyDifference& family = report.families.back();
    const auto& found = family.difference;
    if (!found || !found->is_complete || !found->is_work_compared) {
      report.is_fully_understood = false;
    }
  }
  report.variables = std::move(variables);
  const Constructs old_constructs = constructs_of(report.before.ruleset);
  const Constructs new_constructs = constructs_of(report.after.ruleset);
  add_changes(new_constructs, old_constructs, true, report.constructs);
  add_changes(old_constructs, new_constructs, false, report.constructs);
  report.pressure = compare_pressure(report, policy);
  report.summary = summary_of(report);
  return report;
}

}  // namespace untrack
