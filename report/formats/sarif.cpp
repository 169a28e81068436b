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

// A message of SARIF 2.1.0 may hold links, [text](place) (3.11.6): a comment of a rule may not.
std::string message_text(std::string_view text) {
  std::string escaped;
  for (const char c : shown_utf8(text)) {
    if (c == '(' && escaped.ends_with(']')) escaped.insert(escaped.size() - 1, 1, '\\');
    escaped += c;
  }
  return escaped;
}

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

Json suppression_of(const AuditReport& report, const Suppression& suppression) {
  Json entry = {
      {"kind", suppression.kind == Suppression::Kind::in_source ? "inSource" : "external"},
      {"status", "accepted"}};
  if (!suppression.reason.empty()) entry["justification"] = valid_utf8(suppression.reason);
  if (suppression.place) entry["location"] = location_of(report.sources, *suppression.place);
  return entry;
}

Json result_of(const AuditReport& report, std::size_t number, std::size_t rule,
               const std::string& fingerprint) {
  const Finding& finding = report.findings[number];
  Json related = Json::array();
  for (const Related& place : finding.related) {
    Json location = location_of(report.sources, place.span);
    location["id"] = related.size() + 1;
    location["message"] = {{"text", message_text(place.label)}};
    related.push_back(std::move(location));
  }
  Json properties = {{"families", json::families_of(finding.ip_versions)}};
  if (!finding.construct_name.empty()) properties["construct"] = finding.construct_name;
  if (!finding.module_names().empty()) properties["modules"] = finding.module_names();
  if (finding.need) properties["need"] = to_text(*finding.need);
  if (!report.host.empty()) properties["host"] = valid_utf8(report.host);
  Json result = {{"ruleId", finding.check->code},
                 {"ruleIndex", rule},
                 {"level", level_of(finding.severity)},
                 {"message", {{"text", message_text(whole_message(finding))}}},
                 {"locations", Json::array({location_of(report.sources, finding.span)})},
                 {"partialFingerprints", {{"primaryLocationLineHash", fingerprint}}},
                 {"properties", std::move(properties)}};
  if (!related.empty()) result["relatedLocations"] = std::move(related);
  const Suppression* suppression = report.suppression_of(number);
  if (report.has_baseline) {
    const bool is_known =
        suppression != nullptr && suppression->kind == Suppression::Kind::baseline;
    result["baselineState"] = is_known ? "unchanged" : "new";
  }
  if (suppression != nullptr) {
    result["suppressions"] = Json::array({suppression_of(report, *suppression)});
  }
  return result;
}

// Of what is gone the place is not known: it is told at the first line, as readers want a line.
Json absent_result(const AuditReport& report, const BaselineEntry& entry,
                   const std::map<std::string_view, std::size_t>& index) {
  Json properties = Json::object();
  if (!report.host.empty()) properties["host"] = valid_utf8(report.host);
  Json result = {{"ruleId", valid_utf8(entry.code)},
                 {"message", {{"text", message_text(entry.message)}}},
                 {"locations", Json::array({{{"physicalLocation",
                                              {{"artifactLocation", {{"uri", uri_of(entry.path)}}},
                                               {"region", {{"startLine", 1}, {"endLine", 1}}}}}}})},
                 {"partialFingerprints", {{"primaryLocationLineHash", entry.fingerprint}}},
                 {"baselineState", "absent"},
                 {"properties", std::move(properties)}};
  // A check of a later version, or one that was taken away, is not among the rules.
  const auto at = index.find(entry.code);
  if (at != index.end()) {
    result["ruleIndex"] = at->second;
    result["level"] = level_of(find_check(entry.code)->severity);
  }
  return result;
}

Json notification(const std::string& text) {
  return {{"level", "warning"}, {"message", {{"text", message_text(text)}}}};
}

}  // namespace

Pieces sarif_pieces(const AuditReport& report, const FormatOptions& /*options*/) {
  std::map<std::string_view, std::size_t> index;
  for (const CheckInfo* check : all_checks()) index.emplace(check->code, index.size());
  const std::vector<std::string> prints = fingerprints(report);
  Pieces pieces;
  for (const std::size_t i : worst_first(report)) {
    if (pieces.size() == most_results) break;
    const Finding& finding = report.findings[i];
    const Json result = result_of(report, i, index[finding.check->code], prints[i]);
    pieces.push_back({finding.severity, json::printed_inside(result, 4)});
  }
  for (const BaselineEntry& entry : report.gone) {
    pieces.push_back(
        {Severity::note, json::printed_inside(absent_result(report, entry, index), 4), {}, true});
  }
  return pieces;
}

std::string sarif_document(const HostsSummary& summary, const Pieces& pieces,
                           const FormatOptions& options) {
  Json rules = Json::array();
  for (const CheckInfo* check : all_checks()) rules.push_back(rule_of(*check));
  std::vector<std::string_view> results;
  std::size_t told = 0;
  for (const Severity severity : {Severity::error, Severity::warning, Severity::note}) {
    for (const FormatPiece& piece : pieces) {
      if (piece.severity != severity || piece.is_gone || results.size() == most_results) continue;
      results.push_back(piece.text);
      ++told;
    }
  }
  for (const FormatPiece& piece : pieces) {
    if (piece.is_gone && results.size() < most_results) results.push_back(piece.text);
  }
  Json notifications = Json::array();
  bool is_understood = true;
  std::size_t findings = 0;
  for (const HostRow& row : summary.rows) {
    const bool is_whole = row.is_readable && row.is_fully_understood;
    is_understood = is_understood && is_whole;
    for (const std::size_t count : row.findings) findings += count;
    findings += row.suppressed;
    // Of many hosts the verdicts are the results; what was not judged must not get lost.
    if (summary.is_of_many() && is_whole) continue;
    const std::string text = row.name.empty() ? row.verdict : row.name + ": " + row.verdict;
    notifications.push_back({{"level", is_whole || !summary.is_of_many() ? "note" : "error"},
                             {"message", {{"text", message_text(text)}}}});
  }
  if (summary.is_of_many()) {
    notifications.push_back(
        {{"level", "note"}, {"message", {{"text", message_text(sentence_of(summary))}}}});
  }
  if (findings > told) {
    notifications.push_back(notification(
        fmt::format("{} findings are left out: {} is the limit", findings - told, most_results)));
  }
  const Json run = {
      {"tool",
       {{"driver",
         {{"name", "untrack"}, {"version", options.tool_version}, {"rules", std::move(rules)}}}}},
      {"automationDetails", {{"id", "untrack/audit/"}}},
      {"columnKind", "unicodeCodePoints"},
      {"invocations", Json::array({{{"executionSuccessful", is_understood},
                                    {"toolExecutionNotifications", std::move(notifications)}}})},
      {"results", Json::array()}};
  const Json whole = {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
                      {"version", "2.1.0"},
                      {"runs", Json::array({run})}};
  // No text in JSON holds a newline, so that this is found once.
  constexpr std::string_view empty = "\n      \"results\": []";
  std::string text = json::printed(whole);
  text.replace(text.rfind(empty), empty.size(),
               "\n      \"results\": " + json::array_of(results, 3));
  return text;
}

}  // namespace untrack::formats
