// The JSON forms of code reviews: GitLab's code quality (docs.gitlab.com, "Code Quality report
// format") and reviewdog's rdjsonl (reviewdog, proto/rdf).
#include <fmt/format.h>

#include "analysis/check.hpp"
#include "model/text_hash.hpp"
#include "report/formats/audit_formats.hpp"
#include "report/formats/finding_place.hpp"
#include "report/json_parts.hpp"

namespace untrack::formats {
namespace {

using json::Json;

std::string_view gitlab_severity(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "major";
    case Severity::warning:
      return "minor";
    case Severity::note:
      return "info";
  }
  return "info";
}

std::string_view rdjson_severity(Severity severity) {
  switch (severity) {
    case Severity::error:
      return "ERROR";
    case Severity::warning:
      return "WARNING";
    case Severity::note:
      return "INFO";
  }
  return "INFO";
}

}  // namespace

Pieces gitlab_pieces(const AuditReport& report, const FormatOptions& /*options*/) {
  const std::vector<std::string> prints = fingerprints(report);
  // One file may serve many hosts, and no two findings may have one fingerprint.
  const std::string host =
      report.host.empty() ? std::string() : fmt::format("@{:016x}", text_hash(report.host));
  Pieces pieces;
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    if (report.suppression_of(i) != nullptr) continue;
    const Finding& finding = report.findings[i];
    const SourceText& source = report.sources[finding.span.source];
    const Location place = source.locate(finding.span);
    const Json entry = {
        {"description", valid_utf8(whole_message(finding))},
        {"check_name", fmt::format("{} {}", finding.check->code, finding.check->name)},
        {"fingerprint", prints[i] + host},
        {"severity", gitlab_severity(finding.severity)},
        {"location",
         {{"path", path_of(source.path())},
          {"lines", {{"begin", place.line}, {"end", place.end_line}}}}}};
    pieces.push_back({finding.severity, json::printed_inside(entry, 1)});
  }
  return pieces;
}

std::string gitlab_document(const HostsSummary& /*summary*/, const Pieces& pieces,
                            const FormatOptions& /*options*/) {
  std::vector<std::string_view> entries;
  entries.reserve(pieces.size());
  for (const FormatPiece& piece : pieces) entries.push_back(piece.text);
  return json::array_of(entries, 0) + "\n";
}

Pieces rdjsonl_pieces(const AuditReport& report, const FormatOptions& /*options*/) {
  Pieces pieces;
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    if (report.suppression_of(i) != nullptr) continue;
    const Finding& finding = report.findings[i];
    const SourceText& source = report.sources[finding.span.source];
    const Location place = source.locate(finding.span);
    // Columns are bytes there, too.
    const Json line = {{"message", valid_utf8(whole_message(finding))},
                       {"location",
                        {{"path", path_of(source.path())},
                         {"range",
                          {{"start", {{"line", place.line}, {"column", place.column}}},
                           {"end", {{"line", place.end_line}, {"column", place.end_column}}}}}}},
                       {"severity", rdjson_severity(finding.severity)},
                       {"source", {{"name", "untrack"}}},
                       {"code", {{"value", finding.check->code}}}};
    pieces.push_back(
        {finding.severity, line.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n"});
  }
  return pieces;
}

std::string rdjsonl_document(const HostsSummary& /*summary*/, const Pieces& pieces,
                             const FormatOptions& /*options*/) {
  std::string text;
  for (const FormatPiece& piece : pieces) text += piece.text;
  return text;
}

}  // namespace untrack::formats
