// The forms in which an audit can be written, one row each: what `--output` takes, help, docs and
// tests read. Every writer is a pure function of the report; no time, no absolute path that the
// user did not give, the findings in the order of the text or the worst first, as the form wants
// it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "report/audit_report.hpp"
#include "report/diff_report.hpp"
#include "report/host_row.hpp"

namespace untrack {

struct FormatOptions {
  std::string_view tool_version;
  Severity fail_on = Severity::error;  // what counts as a failure where the form has such
  const DiffReport* change = nullptr;  // of the host, against an older version, if that is asked
};

// What a form has to say of one host, or of one finding of it: written beside each other, in order.
// Pieces of many hosts are written by as many threads; the document is put together once.
struct FormatPiece {
  Severity severity = Severity::note;  // where a form leaves out what is too much, the worst stay
  std::string text;
  std::string plain = {};  // instead of `text`, where that is too much
  bool is_gone = false;    // of what a baseline knows and is no longer found
};

struct AuditFormat {
  std::string_view name;  // as `--output` takes it
  std::string_view what;  // for people, one line
  std::vector<FormatPiece> (*pieces)(const AuditReport& report, const FormatOptions& options);
  std::string (*document)(const HostsSummary& summary, const std::vector<FormatPiece>& pieces,
                          const FormatOptions& options);
  // Of many hosts it is a directory of files; document() is of one alone.
  bool is_directory_of_many = false;

  // The document of one host.
  [[nodiscard]] std::string write(const AuditReport& report, const FormatOptions& options) const;
};

[[nodiscard]] std::span<const AuditFormat> audit_formats();
// nullptr if there is none.
[[nodiscard]] const AuditFormat* find_audit_format(std::string_view name);

namespace formats {

using Pieces = std::vector<FormatPiece>;

// SARIF 2.1.0 (OASIS), within what GitHub code scanning takes: at most 25,000 results, paths
// relative as they were given, all checks whether they found something or not. A piece a finding.
[[nodiscard]] Pieces sarif_pieces(const AuditReport& report, const FormatOptions& options);
[[nodiscard]] std::string sarif_document(const HostsSummary& summary, const Pieces& pieces,
                                         const FormatOptions& options);
// Workflow commands of GitHub Actions; ten of each severity, since it shows no more, and the others
// as plain lines. A piece a finding.
[[nodiscard]] Pieces github_pieces(const AuditReport& report, const FormatOptions& options);
[[nodiscard]] std::string github_document(const HostsSummary& summary, const Pieces& pieces,
                                          const FormatOptions& options);
// GitLab's report of code quality. A piece a finding.
[[nodiscard]] Pieces gitlab_pieces(const AuditReport& report, const FormatOptions& options);
[[nodiscard]] std::string gitlab_document(const HostsSummary& summary, const Pieces& pieces,
                                          const FormatOptions& options);
// JUnit: a suite a file, a case a check; cases whose findings are at or above `fail_on` fail. A
// piece a suite.
[[nodiscard]] Pieces junit_pieces(const AuditReport& report, const FormatOptions& options);
[[nodiscard]] std::string junit_document(const HostsSummary& summary, const Pieces& pieces,
                                         const FormatOptions& options);
// Checkstyle 4.3, for the many programs that read it. A piece a file.
[[nodiscard]] Pieces checkstyle_pieces(const AuditReport& report, const FormatOptions& options);
[[nodiscard]] std::string checkstyle_document(const HostsSummary& summary, const Pieces& pieces,
                                              const FormatOptions& options);
// Reviewdog's diagnostics, one JSON object a line. A piece a finding.
[[nodiscard]] Pieces rdjsonl_pieces(const AuditReport& report, const FormatOptions& options);
[[nodiscard]] std::string rdjsonl_document(const HostsSummary& summary, const Pieces& pieces,
                                           const FormatOptions& options);
// For Prometheus, see metrics.hpp. A piece a host, whose name its samples carry.
[[nodiscard]] Pieces metrics_pieces(const AuditReport& report, const FormatOptions& options);
[[nodiscard]] std::string metrics_document(const HostsSummary& summary, const Pieces& pieces,
                                           const FormatOptions& options);
// For a comment in a review: the verdict, the worst findings, the flow classes. A piece a host.
[[nodiscard]] Pieces markdown_pieces(const AuditReport& report, const FormatOptions& options);
[[nodiscard]] std::string markdown_document(const HostsSummary& summary, const Pieces& pieces,
                                            const FormatOptions& options);

}  // namespace formats
}  // namespace untrack
