// The XML forms: Checkstyle 4.3 and JUnit as Jenkins and GitLab read it.
#include <fmt/format.h>

#include <map>
#include <set>

#include "analysis/check.hpp"
#include "report/formats/audit_formats.hpp"
#include "report/formats/finding_place.hpp"

namespace untrack::formats {
namespace {

// XML 1.0 has no control characters but these three, not even as references.
std::string xml(std::string_view text) {
  std::string escaped;
  for (const char c : shown_utf8(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\n':
      case '\t':
      case '\r':
        escaped += fmt::format("&#{};", static_cast<int>(c));
        break;
      default: {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) {
          escaped += "\xef\xbf\xbd";
        } else {
          escaped += c;
        }
      }
    }
  }
  return escaped;
}

constexpr std::string_view declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

std::string_view checkstyle_severity(Severity severity) {
  return severity == Severity::note ? std::string_view("info") : to_text(severity);
}

// Findings of one file and one check.
using Cases = std::map<std::string_view, std::vector<const Finding*>>;

std::string case_of(const AuditReport& report, std::string_view path, const CheckInfo& check,
                    const std::vector<const Finding*>& findings, Severity fail_on) {
  std::string text = fmt::format("    <testcase classname=\"{}\" name=\"{} {}\"", xml(path),
                                 check.code, check.name);
  if (findings.empty()) return text + "/>\n";
  text += ">\n";
  std::string failed;
  std::string told;
  std::size_t count = 0;
  for (const Finding* finding : findings) {
    const Location place = report.sources[finding->span.source].locate(finding->span);
    const std::string line = fmt::format("{}:{}:{}: {}: {}\n", path, place.line, place.column,
                                         to_text(finding->severity), whole_message(*finding));
    const bool is_failure = finding->severity >= fail_on;
    (is_failure ? failed : told) += line;
    count += is_failure ? 1 : 0;
  }
  if (!failed.empty()) {
    text += fmt::format("      <failure type=\"{}\" message=\"{}{}\">{}</failure>\n", check.code,
                        xml(findings.front()->message),
                        count > 1 ? fmt::format(" (and {} more)", count - 1) : "", xml(failed));
  }
  if (!told.empty()) text += fmt::format("      <system-out>{}</system-out>\n", xml(told));
  return text + "    </testcase>\n";
}

}  // namespace

Pieces checkstyle_pieces(const AuditReport& report, const FormatOptions& /*options*/) {
  std::map<SourceId, std::string> files;
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    if (report.suppression_of(i) != nullptr) continue;
    const Finding& finding = report.findings[i];
    const Location place = report.sources[finding.span.source].locate(finding.span);
    files[finding.span.source] += fmt::format(
        "    <error line=\"{}\" column=\"{}\" severity=\"{}\" message=\"{}\" "
        "source=\"untrack.{}\"/>\n",
        place.line, place.column, checkstyle_severity(finding.severity),
        xml(whole_message(finding)), finding.check->code);
  }
  Pieces pieces;
  for (const auto& [source, lines] : files) {
    pieces.push_back(
        {Severity::note, fmt::format("  <file name=\"{}\">\n{}  </file>\n",
                                     xml(path_of(report.sources[source].path())), lines)});
  }
  return pieces;
}

std::string checkstyle_document(const HostsSummary& /*summary*/, const Pieces& pieces,
                                const FormatOptions& options) {
  std::string text = std::string(declaration) +
                     fmt::format("<checkstyle version=\"4.3\">\n  <!-- untrack {} -->\n",
                                 xml(options.tool_version));
  for (const FormatPiece& piece : pieces) text += piece.text;
  return text + "</checkstyle>\n";
}

Pieces junit_pieces(const AuditReport& report, const FormatOptions& options) {
  std::map<SourceId, Cases> suites;
  for (std::size_t i = 0; i < report.sources.size(); ++i) suites[SourceId(i)];
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    if (report.suppression_of(i) != nullptr) continue;
    const Finding& finding = report.findings[i];
    suites[finding.span.source][finding.check->code].push_back(&finding);
  }
  Pieces pieces;
  for (auto& [source, cases] : suites) {
    const std::string path = path_of(report.sources[source].path());
    std::string inner;
    std::size_t failures = 0;
    for (const CheckInfo* check : all_checks()) {
      const auto& findings = cases[check->code];
      inner += case_of(report, path, *check, findings, options.fail_on);
      for (const Finding* finding : findings) {
        if (finding->severity < options.fail_on) continue;
        ++failures;
        break;
      }
    }
    pieces.push_back(
        {Severity::note,
         fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\">\n{}"
                     "  </testsuite>\n",
                     xml(path), all_checks().size(), failures, inner)});
  }
  return pieces;
}

std::string junit_document(const HostsSummary& summary, const Pieces& pieces,
                           const FormatOptions& /*options*/) {
  std::string text = std::string(declaration) + "<testsuites name=\"untrack audit\">\n";
  // Without it a file of which nothing was understood would look like one without a fault.
  std::size_t errors = 0;
  std::string cases;
  for (const HostRow& row : summary.rows) {
    const bool is_whole = row.is_readable && row.is_fully_understood;
    errors += is_whole ? 0 : 1;
    cases += fmt::format("    <testcase classname=\"untrack\" name=\"{}{}all is understood\"{}\n",
                         xml(row.name), row.name.empty() ? "" : ": ",
                         is_whole ? std::string("/>")
                                  : fmt::format(">\n      <error message=\"{}\"/>\n    </testcase>",
                                                xml(row.verdict)));
  }
  text += fmt::format(
      "  <testsuite name=\"untrack\" tests=\"{}\" failures=\"0\" errors=\"{}\">\n{}"
      "  </testsuite>\n",
      summary.rows.size(), errors, cases);
  for (const FormatPiece& piece : pieces) text += piece.text;
  return text + "</testsuites>\n";
}

}  // namespace untrack::formats
