// The forms in which an audit can be written, one row each: what `--output` takes, help, docs and
// tests read. Every writer is a pure function of the report; no time, no absolute path that the
// user did not give, the findings in the order of the text or the worst first, as the form wants
// it.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "report/audit_report.hpp"

namespace untrack {

struct FormatOptions {
  std::string_view tool_version;
  Severity fail_on = Severity::error;  // what counts as a failure where the form has such
};

struct AuditFormat {
  std::string_view name;  // as `--output` takes it
  std::string_view what;  // for people, one line
  std::string (*write)(const AuditReport& report, const FormatOptions& options);
};

[[nodiscard]] std::span<const AuditFormat> audit_formats();
// nullptr if there is none.
[[nodiscard]] const AuditFormat* find_audit_format(std::string_view name);

namespace formats {

// SARIF 2.1.0 (OASIS), within what GitHub code scanning takes: at most 25,000 results, paths
// relative as they were given, all checks whether they found something or not.
[[nodiscard]] std::string write_sarif(const AuditReport& report, const FormatOptions& options);
// Workflow commands of GitHub Actions; ten of each severity, since it shows no more, and the others
// as plain lines.
[[nodiscard]] std::string write_github(const AuditReport& report, const FormatOptions& options);
// GitLab's report of code quality.
[[nodiscard]] std::string write_gitlab(const AuditReport& report, const FormatOptions& options);
// JUnit: a suite a file, a case a check; cases whose findings are at or above `fail_on` fail.
[[nodiscard]] std::string write_junit(const AuditReport& report, const FormatOptions& options);
// Checkstyle 4.3, for the many programs that read it.
[[nodiscard]] std::string write_checkstyle(const AuditReport& report, const FormatOptions& options);
// Reviewdog's diagnostics, one JSON object a line.
[[nodiscard]] std::string write_rdjsonl(const AuditReport& report, const FormatOptions& options);
// For a comment in a review: the verdict, the worst findings, the flow classes.
[[nodiscard]] std::string write_markdown(const AuditReport& report, const FormatOptions& options);

}  // namespace formats
}  // namespace untrack
