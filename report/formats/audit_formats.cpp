#include "report/formats/audit_formats.hpp"

#include <algorithm>

#include "report/audit_json.hpp"
#include "report/formats/metrics.hpp"
#include "report/html/audit_html.hpp"

namespace untrack {
namespace {

std::string write_json(const AuditReport& report, const FormatOptions& options) {
  return write_audit_json(report, options.tool_version);
}

std::string write_html(const AuditReport& report, const FormatOptions& options) {
  return write_audit_html(report, options.tool_version);
}

constexpr AuditFormat rows[] = {
    {"json", "everything, versioned (docs/schema/audit.schema.json)", write_json},
    {"sarif", "SARIF 2.1.0, for GitHub code scanning and others", formats::write_sarif},
    {"github", "annotations of GitHub Actions", formats::write_github},
    {"gitlab", "GitLab code quality", formats::write_gitlab},
    {"junit", "JUnit XML, a case for each check and file", formats::write_junit},
    {"checkstyle", "Checkstyle XML", formats::write_checkstyle},
    {"rdjsonl", "reviewdog's diagnostics, one a line", formats::write_rdjsonl},
    {"prometheus", "metrics for the textfile collector of node_exporter",
     formats::write_audit_metrics},
    {"markdown", "a comment for a review", formats::write_markdown},
    {"html", "one page with pictures, for people and tickets", write_html},
};

}  // namespace

std::span<const AuditFormat> audit_formats() { return rows; }

const AuditFormat* find_audit_format(std::string_view name) {
  const auto* at = std::ranges::find(rows, name, &AuditFormat::name);
  return at == std::end(rows) ? nullptr : at;
}

}  // namespace untrack
