#include "report/audit_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <unordered_map>

#include "analysis/check.hpp"
#include "report/attribution_text.hpp"
#include "report/diagnostic.hpp"
#include "report/flow_table_text.hpp"
#include "report/host_row.hpp"

namespace untrack {
namespace {

// Findings that say the same, by their places; the first is printed in full.
struct Group {
  std::vector<const Finding*> findings;
  IpVersions ip_versions;
  // Those of further groups that differ from this one in what they show alone.
  std::vector<const Finding*> alike;
};

Style style_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return Style::error;
    case Severity::warning:
      return Style::warning;
    case Severity::note:
      return Style::note;
  }
  return Style::note;
}

std::string count(std::size_t number, std::string_view word) {
  return fmt::format("{} {}{}", number, word, number == 1 ? "" : "s");
}

std::size_t hash_of(const Finding& finding) {
  std::size_t hash = std::hash<std::string_view>()(finding.check->code);
  const auto add = [&](std::size_t more) { hash = hash * 1'000'003U + more; };
  for (const std::string* text : {&finding.message, &finding.label}) {
    add(std::hash<std::string_view>()(*text));
  }
  for (const std::string& note : finding.notes) add(std::hash<std::string_view>()(note));
  return hash;
}

bool is_same(const Finding& a, const Finding& b) {
  // A finding that points elsewhere explains itself by that place.
  return a.check == b.check && a.severity == b.severity && a.message == b.message &&
         a.label == b.label && a.notes == b.notes && a.related.empty() == b.related.empty() &&
         (a.related.empty() || a.span.begin == b.span.begin);
}

std::vector<Group> group(const AuditReport& report, bool each) {
  std::vector<Group> groups;
  const auto hash = [](const Finding* finding) { return hash_of(*finding); };
  const auto same = [](const Finding* a, const Finding* b) { return is_same(*a, *b); };
  std::unordered_map<const Finding*, std::size_t, decltype(hash), decltype(same)> index(16, hash,
                                                                                        same);
  std::size_t last = 0;  // the group of the finding before, which mostly is that of the next one
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    if (report.suppression_of(i) != nullptr) continue;
    const Finding& finding = report.findings[i];
    if (each) {
      groups.push_back({{&finding}, finding.ip_versions, {}});
      continue;
    }
    if (groups.empty() || !is_same(*groups[last].findings.front(), finding)) {
      const auto [found, is_new] = index.try_emplace(&finding, groups.size());
      last = found->second;
      if (is_new) {
        groups.push_back({{&finding}, finding.ip_versions, {}});
        continue;
      }
    }
    Group& alike = groups[last];
    alike.findings.push_back(&finding);
    alike.ip_versions = alike.ip_versions | finding.ip_versions;
  }
  std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
    return a.findings.front()->severity > b.findings.front()->severity;
  });
  return groups;
}

// Nobody reads a thousand findings to learn that they are a thousand: of those that differ in no
// more than the packet, or the other rule, that they show, the first few stand for all.
std::vector<Group> fold(std::vector<Group> groups) {
  constexpr std::size_t shown = 5;
  std::unordered_map<std::string, std::vector<std::size_t>> alike;
  const auto kind_of = [](const Group& group) {
    const Finding& finding = *group.findings.front();
    return fmt::format("{}\n{}\n{}\n{}", finding.check->code, static_cast<int>(finding.severity),
                       finding.message, finding.label);
  };
  for (std::size_t i = 0; i < groups.size(); ++i) alike[kind_of(groups[i])].push_back(i);
  std::vector<bool> is_folded(groups.size());
  for (const auto& [kind, members] : alike) {
    // One would take no less room than what is said of it.
    if (members.size() <= shown + 1) continue;
    Group& last = groups[members[shown - 1]];
    for (std::size_t k = shown; k < members.size(); ++k) {
      is_folded[members[k]] = true;
      const auto& findings = groups[members[k]].findings;
      last.alike.insert(last.alike.end(), findings.begin(), findings.end());
    }
    std::ranges::sort(last.alike, {}, [](const Finding* finding) { return finding->span; });
  }
  std::vector<Group> kept;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (!is_folded[i]) kept.push_back(std::move(groups[i]));
  }
  return kept;
}

// "rules.v4:12, 13, 15-20; rules.v6:3": runs of neighbouring lines as one.
std::string places_of(const Sources& sources, const std::vector<const Finding*>& findings,
                      std::size_t first) {
  constexpr std::size_t shown = 12;
  std::string text;
  std::size_t runs = 0;
  for (std::size_t i = first; i < findings.size();) {
    if (++runs > shown) {
      text += fmt::format(" ... ({} further; --each prints all)", findings.size() - i);
      break;
    }
    const Span& span = findings[i]->span;
    const std::uint32_t from = sources.locate(span).line;
    std::uint32_t to = from;
    const bool is_new_source = i == first || findings[i - 1]->span.source != span.source;
    for (++i; i < findings.size() && findings[i]->span.source == span.source; ++i) {
      const std::uint32_t line = sources.locate(findings[i]->span).line;
      if (line > to + 1) break;
      to = line;
    }
    if (is_new_source) {
      if (!text.empty()) text += "; ";
      text += sources[span.source].path() + ":";
    } else {
      text += ", ";
    }
    text += from == to ? fmt::format("{}", from) : fmt::format("{}-{}", from, to);
  }
  return text;
}

std::string write_group(const AuditReport& report, const Group& same, const Display& display) {
  constexpr std::size_t shown_in_full = 3;
  const Finding& first = *same.findings.front();
  Diagnostic diagnostic;
  diagnostic.style = style_of(first.severity);
  diagnostic.heading = fmt::format("{}[{}]", to_text(first.severity), first.check->code);
  diagnostic.message = first.message;
  diagnostic.span = first.span;
  diagnostic.label = first.label;
  for (const Related& related : first.related) {
    diagnostic.places.push_back({related.span, related.label});
  }
  const std::size_t others = same.findings.size() - 1;
  if (others > 0 && others < shown_in_full) {
    for (std::size_t i = 1; i < same.findings.size(); ++i) {
      diagnostic.places.push_back({same.findings[i]->span, "the same"});
    }
  } else if (others > 0) {
    diagnostic.notes.push_back(
        fmt::format("{} more like it: {}", others, places_of(report.sources, same.findings, 1)));
  }
  diagnostic.notes.insert(diagnostic.notes.end(), first.notes.begin(), first.notes.end());
  if (!same.alike.empty()) {
    diagnostic.notes.push_back(fmt::format("and {} more of this kind: {}", same.alike.size(),
                                           places_of(report.sources, same.alike, 0)));
  }
  return render(report.sources, diagnostic, display);
}

Style style_of(TrackingState state) {
  switch (state) {
    case TrackingState::forced:
      return Style::error;
    case TrackingState::not_forced:
      return Style::good;
    case TrackingState::unknown:
      return Style::warning;
  }
  return Style::note;
}

std::string write_families(const AuditReport& report, const Display& display) {
  std::string text;
  for (const FamilyVerdict& family : report.families) {
    const std::string lead =
        fmt::format("  {}   {}{}", display_name(family.version),
                    paint(style_of(family.state), state_word(family.state), display),
                    std::string(13 - state_word(family.state).size(), ' '));
    const std::string what = family.state == TrackingState::forced && family.forcing_rules > 0
                                 ? fmt::format("by {} of {}; {}", family.forcing_rules,
                                               count(family.rules, "rule"), family.why)
                                 : fmt::format("{}; {}", count(family.rules, "rule"), family.why);
    text += wrap(what, lead, std::string(22, ' '), display);
    if (family.bound.empty()) continue;
    text += wrap(fmt::format("cannot work without it: {}", fmt::join(family.bound, ", ")),
                 std::string(22, ' '), std::string(22, ' '), display);
  }
  return text;
}

// Of rules that nobody counts by looking at them.
std::string write_lives(const AuditReport& report, const Display& display) {
  constexpr std::size_t many = 100;
  const LiveRules& lives = report.lives;
  if (lives.rules < many) return {};
  return wrap(fmt::format("{} rules: {} live (each with a witness packet), {} never reached, "
                          "{} not known",
                          lives.rules, lives.live, lives.never, lives.not_known()),
              "  of     ", "         ", display);
}

std::string write_modules(const AuditReport& report, const Display& display) {
  if (report.modules.empty()) return {};
  std::vector<std::string> names;
  for (const ModuleUse& use : report.modules) names.push_back(use.name);
  return wrap(fmt::format("{}", fmt::join(names, ", ")), "  loads  ", "         ", display);
}

std::string write_inputs(const AuditReport& report, const Display& display) {
  const auto& inputs = report.ruleset.inputs;
  const bool has_parts = std::ranges::any_of(
      inputs, [](const InputSummary& input) { return !input.included.empty(); });
  if (inputs.size() < 2 && !has_parts) return {};
  std::string text = "\n";
  for (const InputSummary& input : inputs) {
    const std::size_t parts = input.included.size();
    text += wrap(fmt::format("{}{}: {}, {}{}", report.sources[input.source].path(),
                             parts == 0 ? "" : " and " + count(parts, "file") + " that it includes",
                             input.format, count(input.rules, "rule"),
                             input.ip_versions.empty() ? std::string()
                                                       : " for " + display_name(input.ip_versions)),
                 "  read   ", "         ", display);
  }
  return text;
}

// Who else uses connection tracking, each with what a snapshot knows of it; empty: nobody does.
std::string write_users(const AuditReport& report, const Display& display) {
  std::string users;
  for (const ConntrackUser& user : report.users) {
    if (user.state != ConntrackUser::State::used) continue;
    users += fmt::format("{}{} ({})", users.empty() ? "" : "; ", user.what,
                         fmt::join(user.details, ", "));
  }
  if (users.empty()) return users;
  return wrap(fmt::format("Uses connection tracking without a rule here: {}.", users), "", "  ",
              display);
}

// Each of them, so that nothing is off unseen.
std::string write_suppressed(const AuditReport& report, const Display& display) {
  if (report.suppressions.empty()) return {};
  std::string text = fmt::format("{} suppressed:\n", count(report.suppressions.size(), "finding"));
  for (const Suppression& each : report.suppressions) {
    const Finding& finding = report.findings[each.finding];
    const Location place = report.sources.locate(finding.span);
    text +=
        wrap(fmt::format("{} {}:{}: {}", finding.check->code,
                         report.sources[finding.span.source].path(), place.line, reason_text(each)),
             "  ", "    ", display);
  }
  return text;
}

// Not wrapped, so that they can be copied.
std::string write_next(const AuditReport& report, const Display& display) {
  std::string text;
  for (const std::string& command : report.next) {
    text += (text.empty() ? "Next: " : "      ") + escape_control(command) + "\n";
  }
  if (text.empty()) return text;
  for (const std::string& keeper : report.keepers) text += wrap(keeper, "", "  ", display);
  return text;
}

std::string write_end(const AuditReport& report, const Display& display) {
  std::string text = write_users(report, display);
  text += wrap(fmt::format("Not seen: {}.", fmt::join(report.not_seen, ", ")), "", "  ", display);
  std::vector<std::string_view> files;
  std::vector<std::string_view> directories;
  for (const std::string& each : report.skipped) {
    (each.ends_with('/') ? directories : files).push_back(each);
  }
  if (!files.empty()) {
    text += wrap(fmt::format("Not read, since nothing in them looks like a ruleset: {}.",
                             fmt::join(files, ", ")),
                 "", "  ", display);
  }
  if (!directories.empty()) {
    text += wrap(
        fmt::format("Not read, since only what is named is: {}.", fmt::join(directories, ", ")), "",
        "  ", display);
  }
  if (!report.not_there.empty()) {
    text +=
        wrap(fmt::format("Not there: {}.", fmt::join(report.not_there, "; ")), "", "  ", display);
  }
  text += write_suppressed(report, display);
  for (const BaselineEntry& entry : report.gone) {
    text += wrap(fmt::format("No longer there, but in the baseline: {} {}: {}.", entry.code,
                             entry.path, entry.message),
                 "", "  ", display);
  }
  const HostRow row = row_of(report);
  std::vector<std::string> counts;
  for (const Severity severity : {Severity::error, Severity::warning, Severity::note}) {
    if (row.count(severity) > 0) counts.push_back(count(row.count(severity), to_text(severity)));
  }
  if (counts.empty()) return text + "No findings.\n";
  const Finding* worst = nullptr;
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    const Finding& finding = report.findings[i];
    const bool is_worse = worst == nullptr || finding.severity > worst->severity;
    if (is_worse && report.suppression_of(i) == nullptr) worst = &finding;
  }
  return text + fmt::format("{}. Details of a check: untrack checks {}\n", fmt::join(counts, ", "),
                            worst->check->code);
}

std::string write_entries(const AuditReport& report, const Display& display) {
  std::string text;
  for (const Problem& problem : report.entry_problems) {
    text += render_problem(report.sources, problem, display);
  }
  if (!text.empty()) text += "\n";
  if (!report.attribution) return text;
  return text +
         write_attribution(*report.attribution, report.ruleset, report.sources, report.entry_bytes,
                           display) +
         "\n";
}

}  // namespace

std::string write_findings_text(const AuditReport& report, const Display& display, bool each) {
  std::string text;
  std::vector<Group> groups = group(report, each);
  if (!each) groups = fold(std::move(groups));
  for (const Group& same : groups) {
    if (!text.empty()) text += "\n";
    text += write_group(report, same, display);
  }
  return text;
}

std::string write_audit_text(const AuditReport& report, const Display& display, bool each) {
  std::string text = wrap(report.verdict, "", "", {false, display.width});
  if (display.colour) text = paint(Style::strong, text.substr(0, text.size() - 1), display) + "\n";
  if (!report.families.empty()) text += "\n" + write_families(report, display);
  text += write_lives(report, display);
  text += write_flow_counts(report, display);
  text += write_modules(report, display);
  text += write_inputs(report, display);
  text += "\n";
  const std::string findings = write_findings_text(report, display, each);
  if (!findings.empty()) text += findings + "\n";
  text += write_flow_table(report, display, each);
  text += write_entries(report, display);
  text += write_end(report, display);
  text += write_next(report, display);
  return text;
}

}  // namespace untrack
