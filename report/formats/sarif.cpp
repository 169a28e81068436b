// SARIF 2.1.0 (OASIS, sections 3.19 to 3.30). It calls what we call checks "rules"; that word
// stands for them in this file alone.
#include <fmt/format.h>

#include <map>

#include "analysis/check.hpp"
#include "report/formats/audit_formats.hpp"
#include "report/formats/finding_place.hpp"
#include "report/json_parts.hpp"

namespace untrack::formats {
namespace {

using json::Json;

// GitHub: docs/code-security, "SARIF support for code scanning", limits.
constexpr std::size_t most_results = 25'000;
constexpr std::size_t longest_description = 1024;

std::string_view level_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "error";
    case Severity::warning:
      return "warning";
    case Severity::note:
      return "note";
  }
  return "none";
}

// The column of a byte, counted in characters, from 1.
std::uint32_t column_in_characters(std::string_view line, std::uint32_t column) {
  const std::string before = valid_utf8(line.substr(0, column - 1));
  std::uint32_t count = 1;
  for (const char c : before) {
    if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80U) ++count;
  }
  return count;
}

Json region_of(const Sources& sources, const Span& span) {
  const SourceText& source = sources[span.source];
  const Location place = source.locate(span);
  return {{"startLine", place.line},
          {"startColumn", column_in_characters(source.line(place.line), place.column)},
          {"endLine", place.end_line},
          {"endColumn", column_in_characters(source.line(place.end_line), place.end_column)},
          {"snippet", {{"text", valid_utf8(source.text(span))}}}};
}

Json location_of(const Sources& sources, const Span& span) {
  return {{"physicalLocation",
           {{"artifactLocation", {{"uri", uri_of(sources[span.source].path())}}},
            {"region", region_of(sources, span)}}}};
}

std::string shortened(std::string_view text) {
  if (text.size() <= longest_description) return std::string(text);
  return valid_utf8(text.substr(0, longest_description - 3)) + "...";
}

Json rule_of(const CheckInfo& check) {
  const std::string page =
      fmt::format("{}\n\n{}\n\nBad:\n\n```\n{}{}```\n\nGood:\n\n```\n{}{}```\n", check.summary,
                  check.why, check.bad, check.bad_settings, check.good, check.good_settings);
  return {{"id", check.code},
          {"name", check.name},
          {"shortDescription", {{"text", shortened(check.summary)}}},
          {"fullDescription", {{"text", shortened(check.why)}}},
          {"defaultConfiguration", {{"level", level_of(check.severity)}}},
          {"help", {{"text", page}, {"markdown", page}}},
          {"properties",
           {{"tags", {"firewall", "conntrack"}},
            {"problem.severity", check.severity == Severity::error     ? "error"
                                 : check.severity == Severity::warning ? "warning"
                                                                       : "recommendation"}}}};
}

Json result_of(const AuditReport& report, const Finding& finding, std::size_t rule,
               const std::string& fingerprint) {
  Json related = Json::array();
  for (const Related& place : finding.related) {
    Json location = location_of(report.sources, place.span);
    location["id"] = related.size() + 1;
    location["message"] = {{"text", valid_utf8(place.label)}};
    related.push_back(std::move(location));
  }
  Json properties = {{"families", json::families_of(finding.ip_versions)}};
  if (!finding.construct_name.empty()) properties["construct"] = finding.construct_name;
  if (!finding.modules.empty()) properties["modules"] = finding.modules;
  if (finding.need) properties["need"] = to_text(*finding.need);
  Json result = {{"ruleId", finding.check->code},
                 {"ruleIndex", rule},
                 {"level", level_of(finding.severity)},
                 {"message", {{"text", valid_utf8(whole_message(finding))}}},
                 {"locations", Json::array({location_of(report.sources, finding.span)})},
                 {"partialFingerprints", {{"primaryLocationLineHash", fingerprint}}},
                 {"properties", std::move(properties)}};
  if (!related.empty()) result["relatedLocations"] = std::move(related);
  return result;
}

Json notification(const std::string& text) {
  return {{"level", "warning"}, {"message", {{"text", valid_utf8(text)}}}};
}

}  // namespace

std::string write_sarif(const AuditReport& report, const FormatOptions& options) {
  Json rules = Json::array();
  std::map<std::string_view, std::size_t> index;
  for (const CheckInfo* check : all_checks()) {
    index.emplace(check->code, rules.size());
    rules.push_back(rule_of(*check));
  }
  const std::vector<std::string> prints = fingerprints(report);
  Json results = Json::array();
  for (const std::size_t i : worst_first(report)) {
    if (results.size() == most_results) break;
    const Finding& finding = report.findings[i];
    results.push_back(result_of(report, finding, index[finding.check->code], prints[i]));
  }
  Json notifications = Json::array();
  notifications.push_back({{"level", "note"}, {"message", {{"text", valid_utf8(report.verdict)}}}});
  if (report.findings.size() > most_results) {
    notifications.push_back(
        notification(fmt::format("{} findings are left out: {} is the limit",
                                 report.findings.size() - most_results, most_results)));
  }
  const Json run = {
      {"tool",
       {{"driver",
         {{"name", "untrack"}, {"version", options.tool_version}, {"rules", std::move(rules)}}}}},
      {"automationDetails", {{"id", "untrack/audit/"}}},
      {"columnKind", "unicodeCodePoints"},
      {"invocations", Json::array({{{"executionSuccessful", report.is_fully_understood},
                                    {"toolExecutionNotifications", std::move(notifications)}}})},
      {"results", std::move(results)}};
  const Json whole = {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                      {"version", "2.1.0"},
                      {"runs", Json::array({run})}};
  return json::printed(whole);
}

}  // namespace untrack::formats
