// The JSON forms of code reviews: GitLab's code quality (docs.gitlab.com, "Code Quality report
// format") and reviewdog's rdjsonl (reviewdog, proto/rdf).
#include <fmt/format.h>

#include "analysis/check.hpp"
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

std::string write_gitlab(const AuditReport& report, const FormatOptions& /*options*/) {
  const std::vector<std::string> prints = fingerprints(report);
  Json all = Json::array();
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    const Finding& finding = report.findings[i];
    const SourceText& source = report.sources[finding.span.source];
    const Location place = source.locate(finding.span);
    all.push_back({{"description", valid_utf8(whole_message(finding))},
                   {"check_name", fmt::format("{} {}", finding.check->code, finding.check->name)},
                   {"fingerprint", prints[i]},
                   {"severity", gitlab_severity(finding.severity)},
                   {"location",
                    {{"path", path_of(source.path())},
                     {"lines", {{"begin", place.line}, {"end", place.end_line}}}}}});
  }
  return json::printed(all);
}

std::string write_rdjsonl(const AuditReport& report, const FormatOptions& /*options*/) {
  std::string text;
  for (const Finding& finding : report.findings) {
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
    text += line.dump(-1, ' ', true, Json::error_handler_t::replace) + "\n";
  }
  return text;
}

}  // namespace untrack::formats
