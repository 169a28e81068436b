#include "report/audit_json.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "analysis/check.hpp"

namespace untrack {
namespace {

using Json = nlohmann::ordered_json;

Json location_of(const Sources& sources, const Span& span) {
  const Location location = sources.locate(span);
  return {{"path", sources[span.source].path()},
          {"line", location.line},
          {"column", location.column},
          {"end_line", location.end_line},
          {"end_column", location.end_column}};
}

Json families_of(IpVersions versions) {
  Json families = Json::array();
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    if (versions.has(version)) families.push_back(to_text(version));
  }
  return families;
}

Json sources_of(const AuditReport& report) {
  Json sources = Json::array();
  for (const InputSummary& input : report.ruleset.inputs) {
    sources.push_back({{"path", report.sources[input.source].path()},
                       {"format", input.format},
                       {"rules", input.rules},
                       {"families", families_of(input.ip_versions)}});
  }
  return sources;
}

Json not_understood_of(const AuditReport& report) {
  Json places = Json::array();
  for (const Problem& problem : report.ruleset.problems) {
    if (problem.kind == ProblemKind::note) continue;
    places.push_back({{"location", location_of(report.sources, problem.span)},
                      {"text", report.sources.text(problem.span)},
                      {"why", problem.message},
                      {"may_track", problem.may_track}});
  }
  return places;
}

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

Json finding_of(const AuditReport& report, const Finding& finding) {
  Json related = Json::array();
  for (const Related& place : finding.related) {
    related.push_back(
        {{"location", location_of(report.sources, place.span)}, {"message", place.label}});
  }
  Json need = nullptr;
  if (finding.need) need = to_text(*finding.need);
  Json construct = nullptr;
  if (!finding.construct_name.empty()) construct = finding.construct_name;
  return {{"code", finding.check->code},
          {"name", finding.check->name},
          {"severity", to_text(finding.severity)},
          {"message", finding.message},
          {"label", finding.label},
          {"notes", finding.notes},
          {"location", location_of(report.sources, finding.span)},
          {"related", std::move(related)},
          {"families", families_of(finding.ip_versions)},
          {"construct", std::move(construct)},
          {"modules", finding.modules},
          {"need", std::move(need)},
          {"help_uri", fmt::format("docs/checks/{}.md", finding.check->code)},
          {"suppressed", false}};
}

}  // namespace

std::string write_audit_json(const AuditReport& report, std::string_view tool_version) {
  Json findings = Json::array();
  for (const Finding& finding : report.findings) findings.push_back(finding_of(report, finding));
  Json modules = Json::array();
  for (const ModuleUse& use : report.modules) {
    modules.push_back({{"name", use.name}, {"needed_by", use.needed_by}});
  }
  Json kernel = nullptr;
  if (report.kernel) kernel = to_text(*report.kernel);
  const Json whole = {{"schema_version", 1},
                      {"tool", {{"name", "untrack"}, {"version", tool_version}}},
                      {"command", "audit"},
                      {"kernel", std::move(kernel)},
                      {"sources", sources_of(report)},
                      {"summary", report.verdict},
                      {"verdict", verdict_of(report)},
                      {"findings", std::move(findings)},
                      {"modules", std::move(modules)},
                      {"not_understood", not_understood_of(report)},
                      {"not_seen", report.not_seen},
                      {"skipped", report.skipped}};
  return whole.dump(2, ' ', true, Json::error_handler_t::replace) + "\n";
}

}  // namespace untrack
