#include "report/audit_json.hpp"

#include <fmt/format.h>

#include "analysis/check.hpp"
#include "report/attribution_json.hpp"
#include "report/attribution_text.hpp"
#include "report/diff_json.hpp"
#include "report/flow_table_text.hpp"
#include "report/json_parts.hpp"

namespace untrack {
namespace {

using json::families_of;
using json::Json;
using json::location_of;

Json verdict_of(const AuditReport& report) {
  Json verdict = Json::object();
  for (const FamilyVerdict& family : report.families) {
    verdict[std::string(to_text(family.version))] = {{"tracking", to_text(family.state)},
                                                     {"forced_by", family.forced_by},
                                                     {"why", family.why},
                                                     {"rules", family.rules},
                                                     {"forcing_rules", family.forcing_rules},
                                                     {"bound", family.bound}};
  }
  return verdict;
}

Json suppression_of(const AuditReport& report, const Suppression& suppression) {
  Json location = nullptr;
  if (suppression.place) location = location_of(report.sources, *suppression.place);
  return {{"kind", to_text(suppression.kind)},
          {"reason", suppression.reason},
          {"location", std::move(location)}};
}

Json finding_of(const AuditReport& report, std::size_t number) {
  const Finding& finding = report.findings[number];
  Json related = Json::array();
  for (const Related& place : finding.related) {
    related.push_back(
        {{"location", location_of(report.sources, place.span)}, {"message", place.label}});
  }
  Json need = nullptr;
  if (finding.need) need = to_text(*finding.need);
  Json construct = nullptr;
  if (!finding.construct_name.empty()) construct = finding.construct_name;
  const Suppression* suppression = report.suppression_of(number);
  Json whole = {{"code", finding.check->code},
                {"name", finding.check->name},
                {"severity", to_text(finding.severity)},
                {"message", finding.message},
                {"label", finding.label},
                {"notes", finding.notes},
                {"location", location_of(report.sources, finding.span)},
                {"related", std::move(related)},
                {"families", families_of(finding.ip_versions)},
                {"construct", std::move(construct)},
                {"modules", finding.module_names()},
                {"need", std::move(need)},
                {"help_uri", fmt::format("docs/checks/{}.md", finding.check->code)},
                {"suppressed", suppression != nullptr}};
  if (suppression != nullptr) whole["suppression"] = suppression_of(report, *suppression);
  return whole;
}

Json flows_of(const AuditReport& report) {
  Json flows = Json::array();
  for (const FlowTable& table : report.flows) {
    for (const FlowRow& row : table.rows) {
      Json exposure = Json::array();
      for (const ExposureKind kind : row.exposure) exposure.push_back(to_text(kind));
      flows.push_back(
          {{"id", fmt::format("F{}", flows.size() + 1)},
           {"family", to_text(table.version)},
           {"path", to_text(row.path)},
           {"summary", row.flows},
           {"admitted_by", location_of(report.sources, admitting_span(report.ruleset, row))},
           {"need", to_text(row.need)},
           {"reason", reason_of(report, row)},
           {"exposure", std::move(exposure)},
           {"left_tracked", row.left.empty() ? Json(nullptr) : Json(row.left)}});
    }
  }
  return flows;
}

Json flows_not_known(const AuditReport& report) {
  Json list = Json::array();
  for (const FlowTable& table : report.flows) {
    if (table.is_whole()) continue;
    list.push_back({{"family", to_text(table.version)},
                    {"why", table.not_known.empty() ? table.incomplete : table.not_known}});
  }
  return list;
}

Json names_of(const Assumptions& assumptions) {
  Json names = Json::array();
  for (const Assumption id : assumptions.list()) names.push_back(row_of(id).name);
  return names;
}

Json whole_of(const AuditReport& report, std::string_view tool_version) {
  Json findings = Json::array();
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    findings.push_back(finding_of(report, i));
  }
  Json modules = Json::array();
  for (const ModuleUse& use : report.modules) {
    modules.push_back({{"name", use.name}, {"needed_by", use.needed_by}});
  }
  Json kernel = nullptr;
  if (report.kernel) kernel = to_text(*report.kernel);
  Json not_understood = Json::array();
  json::add_not_understood(not_understood, report.sources, report.ruleset.problems);
  json::add_not_understood(not_understood, report.sources, report.entry_problems);
  Json whole = {{"schema_version", 1},
                {"tool", {{"name", "untrack"}, {"version", tool_version}}},
                {"command", "audit"},
                {"kernel", std::move(kernel)},
                {"sources", json::sources_of(report.sources, report.ruleset)},
                {"summary", report.verdict},
                {"verdict", verdict_of(report)},
                {"rules",
                 {{"count", report.lives.rules},
                  {"live", report.lives.live},
                  {"never_reached", report.lives.never},
                  {"not_known", report.lives.not_known()}}},
                {"findings", std::move(findings)},
                {"flows", flows_of(report)},
                {"flows_not_known", flows_not_known(report)},
                {"assumptions", names_of(report.assumed)},
                {"modules", std::move(modules)},
                {"not_understood", std::move(not_understood)},
                {"other_users", json::users_of(report.users)},
                {"not_seen", report.not_seen},
                {"skipped", report.skipped},
                {"not_there", report.not_there}};
  if (!report.next.empty()) whole["next"] = report.next;
  if (!report.keepers.empty()) {
    whole["managers"] = json::managers_json(report.sources, report.ruleset, ManagedChange::any);
  }
  if (report.has_baseline) {
    Json gone = Json::array();
    for (const BaselineEntry& entry : report.gone) {
      gone.push_back({{"code", entry.code},
                      {"path", entry.path},
                      {"message", entry.message},
                      {"fingerprint", entry.fingerprint}});
    }
    whole["baseline"] = {{"gone", std::move(gone)}};
  }
  if (report.attribution) {
    json::add_attribution(whole, *report.attribution, report.ruleset, report.sources,
                          report.entry_bytes);
  }
  return whole;
}

}  // namespace

std::string write_audit_json(const AuditReport& report, std::string_view tool_version) {
  return json::printed(whole_of(report, tool_version));
}

std::string write_host_json(const AuditReport& report, const DiffReport* change,
                            std::string_view tool_version) {
  Json audit = nullptr;
  if (report.unreadable.empty()) audit = whole_of(report, tool_version);
  Json host = {
      {"host", report.host}, {"unreadable", report.unreadable}, {"audit", std::move(audit)}};
  if (change != nullptr) host["diff"] = Json::parse(write_diff_json(*change, tool_version));
  return json::printed_inside(host, 2);
}

}  // namespace untrack
