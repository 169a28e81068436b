#include "report/html/audit_html.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>

#include "analysis/check.hpp"
#include "analysis/pressure/number_text.hpp"
#include "report/attribution_text.hpp"
#include "report/diagnostic.hpp"
#include "report/html/escape.hpp"
#include "report/html/flow_section.hpp"
#include "report/html/listing.hpp"
#include "report/html/page.hpp"
#include "report/html/parts.hpp"
#include "report/html/way_picture.hpp"

namespace untrack {
namespace {

using namespace html;

constexpr std::array all_severities = {Severity::error, Severity::warning, Severity::note};

std::string card(std::string_view heading, std::string_view markup) {
  return fmt::format("<div class=\"card\"><h2>{}</h2>\n{}</div>\n", heading, markup);
}

std::string family_card(const FamilyVerdict& family) {
  const std::string big = family.state == TrackingState::forced && family.forcing_rules > 0
                              ? fmt::format("{} of {}", with_thousands(family.forcing_rules),
                                            count(family.rules, "rule"))
                              : count(family.rules, "rule");
  std::string markup = fmt::format("<p class=\"big\">{}</p>\n", text(big));
  if (family.state == TrackingState::forced && family.forcing_rules > 0) {
    markup += paragraph(family.forcing_rules == 1 ? "forces tracking" : "force tracking");
  }
  markup += fmt::format("<p class=\"soft\">{}.</p>\n", text(as_sentence(family.why)));
  if (!family.bound.empty()) {
    std::string names;
    for (const std::string& name : family.bound) {
      names += fmt::format("{}<code>{}</code>", names.empty() ? "" : ", ", text(name));
    }
    markup += fmt::format("<p>Cannot work without it: {}.</p>\n", names);
  }
  return card(fmt::format("{} {}", display_name(family.version),
                          chip(tone_of(family.state), state_word(family.state))),
              markup);
}

std::string findings_card(const AuditReport& report) {
  const std::vector<const Finding*> findings = report.counting();
  const std::string suppressed =
      report.suppressions.empty()
          ? std::string()
          : fmt::format("<p>{}</p>\n",
                        text(count(report.suppressions.size(), "further one") + " suppressed"));
  if (findings.empty()) {
    return card("Findings", "<p class=\"big\">none</p>\n" + suppressed);
  }
  std::string chips;
  for (const Severity severity : all_severities) {
    const auto number = std::ranges::count(findings, severity, &Finding::severity);
    if (number == 0) continue;
    chips += chip(tone_of(severity), count(static_cast<std::size_t>(number), to_text(severity)));
    chips += ' ';
  }
  return card("Findings", fmt::format("<p class=\"big\">{}</p>\n<p>{}</p>\n{}",
                                      count(findings.size(), "finding"), chips, suppressed));
}

std::string modules_card(const AuditReport& report) {
  if (report.modules.empty()) return {};
  std::string names;
  for (const ModuleUse& use : report.modules) {
    names += fmt::format("{}<code>{}</code>", names.empty() ? "" : ", ", text(use.name));
  }
  return card("Modules that the rules load",
              fmt::format("<p class=\"big\">{}</p>\n<p>{}</p>\n", report.modules.size(), names));
}

std::string lives_card(const AuditReport& report) {
  constexpr std::size_t many = 100;
  const LiveRules& lives = report.lives;
  if (lives.rules < many) return {};
  return card("Rules that packets reach",
              fmt::format("<p class=\"big\">{} of {}</p>\n<p>are live, each with a packet that "
                          "shows it; {} never reached, {} not known</p>\n",
                          with_thousands(lives.live), with_thousands(lives.rules),
                          with_thousands(lives.never), with_thousands(lives.not_known())));
}

std::string overview(const AuditReport& report) {
  std::string cards;
  for (const FamilyVerdict& family : report.families) cards += family_card(family);
  if (const std::string counts = flow_counts(report); !counts.empty()) {
    cards += card("Flows", counts);
  }
  cards += findings_card(report) + modules_card(report) + lives_card(report);
  return fmt::format(
      "<section id=\"overview\" aria-label=\"Overview\">\n<div class=\"cards\">\n{}"
      "</div></section>\n",
      cards);
}

// The lines of findings as links, each once; the file is named where it changes.
std::string places_of(const std::vector<const Finding*>& findings, const LinePlan& plan) {
  constexpr std::size_t most = 12;
  std::string places;
  std::size_t shown = 0;
  std::optional<std::pair<SourceId, std::uint32_t>> last;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const Span& span = findings[i]->span;
    const std::pair here(span.source, plan.sources().locate(span).line);
    if (last == here) continue;
    if (shown++ == most) {
      return places + fmt::format(" and {} more", findings.size() - i);
    }
    const bool is_same_file = last && last->first == span.source;
    if (last) places += is_same_file ? ", " : "; ";
    places += is_same_file ? plan.link(span, fmt::format("{}", here.second)) : plan.link(span);
    last = here;
  }
  return places;
}

// Which checks found what, and where: a way into long listings.
std::string findings_table(const AuditReport& report, const LinePlan& plan) {
  std::map<std::pair<int, std::string_view>, std::vector<const Finding*>> by_check;
  for (const Finding* finding : report.counting()) {
    by_check[{-static_cast<int>(finding->severity), finding->check->code}].push_back(finding);
  }
  CardTable table("Findings by check", {"severity", "check", "what", "where"});
  for (const auto& [key, findings] : by_check) {
    const std::string places = places_of(findings, plan);
    const Finding& first = *findings.front();
    table.add({chip(tone_of(first.severity), to_text(first.severity)),
               fmt::format("<code>{}</code>", first.check->code), text(first.check->summary),
               places});
  }
  return table.render();
}

// Each of them, so that nothing is off unseen.
std::string suppressed_table(const AuditReport& report, const LinePlan& plan) {
  CardTable table("Findings that do not count", {"check", "where", "why"});
  for (const Suppression& each : report.suppressions) {
    const Finding& finding = report.findings[each.finding];
    table.add({fmt::format("<code>{}</code>", finding.check->code), plan.link(finding.span),
               text(reason_text(each))});
  }
  return report.suppressions.empty() ? std::string() : table.render();
}

std::string entries_of(const AuditReport& report) {
  std::string words;
  for (const Problem& problem : report.entry_problems) {
    words += render_problem(report.sources, problem, {});
  }
  std::string markup = code_block(lines_of(words));
  if (report.attribution) {
    markup += attribution(attribution_section(*report.attribution, report.ruleset, report.sources,
                                              report.entry_bytes));
  }
  return markup;
}

std::string limits_of(const AuditReport& report) {
  std::string items;
  const auto item = [&](const std::string& words) {
    items += fmt::format("<li>{}</li>\n", text(words));
  };
  for (const ConntrackUser& user : report.users) {
    if (user.state != ConntrackUser::State::used) continue;
    item(fmt::format("Uses connection tracking without a rule here: {} ({}).", user.what,
                     fmt::join(user.details, ", ")));
  }
  item(fmt::format("Not seen: {}.", fmt::join(report.not_seen, ", ")));
  if (!report.skipped.empty()) {
    item(fmt::format("Not read, since nothing in them looks like a ruleset: {}.",
                     fmt::join(report.skipped, ", ")));
  }
  if (!report.not_there.empty()) {
    item(fmt::format("Not there: {}.", fmt::join(report.not_there, "; ")));
  }
  return fmt::format("<ul>\n{}</ul>\n", items);
}

std::string next_of(const AuditReport& report) {
  if (report.next.empty()) return {};
  std::string markup = code_block(report.next);
  for (const std::string& keeper : report.keepers) markup += paragraph(keeper);
  return markup;
}

}  // namespace

std::string write_audit_html(const AuditReport& report, std::string_view tool_version) {
  const LinePlan plan = plan_lines(report);
  PageFrame frame{"audit", tool_version, {}, report.verdict};
  for (const InputSummary& input : report.ruleset.inputs) {
    frame.inputs.push_back(report.sources[input.source].path());
  }
  std::string markup = overview(report);
  markup += section("flows", "Flows: what needs tracking", flow_table(report, plan));
  markup += section("way", "The way of packets", way_pictures(report, plan));
  markup += section("entries", "Entries of the table, by the rules that admitted them",
                    entries_of(report));
  markup += section("findings", "Findings", findings_table(report, plan));
  markup += section("suppressed", "Suppressed", suppressed_table(report, plan));
  markup += section("rules", "The rules", listing(report, plan));
  markup += section("next", "What to do next", next_of(report));
  markup += section("limits", "What this report does not see", limits_of(report));
  return page(frame, markup);
}

}  // namespace untrack
