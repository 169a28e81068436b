#include "report/formats/audit_formats.hpp"

#include <algorithm>

#include "report/audit_json.hpp"
#include "report/formats/metrics.hpp"
#include "report/hosts_json.hpp"
#include "report/html/audit_html.hpp"
#include "report/html/diff_html.hpp"

namespace untrack {
namespace {

std::vector<FormatPiece> json_pieces(const AuditReport& report, const FormatOptions& options) {
  return {{Severity::note, report.host.empty()
                               ? write_audit_json(report, options.tool_version)
                               : write_host_json(report, options.change, options.tool_version)}};
}

std::string json_document(const HostsSummary& summary, const std::vector<FormatPiece>& pieces,
                          const FormatOptions& options) {
  if (!summary.is_of_many()) return pieces.front().text;
  std::vector<std::string_view> hosts;
  hosts.reserve(pieces.size());
  for (const FormatPiece& piece : pieces) hosts.push_back(piece.text);
  return write_hosts_json(summary, hosts, options.tool_version);
}

std::vector<FormatPiece> html_pieces(const AuditReport& report, const FormatOptions& options) {
  std::string change;
  if (options.change != nullptr) change = write_diff_html(*options.change, options.tool_version);
  const bool is_judged = report.unreadable.empty();
  return {{Severity::note,
           is_judged ? write_audit_html(report, options.tool_version) : std::string(),
           std::move(change)}};
}

std::string html_document(const HostsSummary&, const std::vector<FormatPiece>& pieces,
                          const FormatOptions&) {
  return pieces.front().text;
}

constexpr AuditFormat rows[] = {
    {"json", "everything, versioned (docs/schema/audit.schema.json)", json_pieces, json_document},
    {"sarif", "SARIF 2.1.0, for GitHub code scanning and others", formats::sarif_pieces,
     formats::sarif_document},
    {"github", "annotations of GitHub Actions", formats::github_pieces, formats::github_document},
    {"gitlab", "GitLab code quality", formats::gitlab_pieces, formats::gitlab_document},
    {"junit", "JUnit XML, a case for each check and file", formats::junit_pieces,
     formats::junit_document},
    {"checkstyle", "Checkstyle XML", formats::checkstyle_pieces, formats::checkstyle_document},
    {"rdjsonl", "reviewdog's diagnostics, one a line", formats::rdjsonl_pieces,
     formats::rdjsonl_document},
    {"prometheus", "metrics for the textfile collector of node_exporter", formats::metrics_pieces,
     formats::metrics_document},
    {"markdown", "a comment for a review", formats::markdown_pieces, formats::markdown_document},
    {"html", "one page with pictures, for people and tickets; of many hosts a directory",
     html_pieces, html_document, true},
};

}  // namespace

std::string AuditFormat::write(const AuditReport& report, const FormatOptions& options) const {
  HostsSummary summary;
  summary.rows.push_back(row_of(report));
  return document(summary, pieces(report, options), options);
}

std::span<const AuditFormat> audit_formats() { return rows; }

const AuditFormat* find_audit_format(std::string_view name) {
  const auto* at = std::ranges::find(rows, name, &AuditFormat::name);
  return at == std::end(rows) ? nullptr : at;
}

}  // namespace untrack
