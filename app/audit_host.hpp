// audit_host: from the names of one host's files to its audit. The step that `untrack audit` takes
// once, or for each of many hosts in parallel.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "app/audit_options.hpp"
#include "app/host_inputs.hpp"
#include "app/pipeline/audit.hpp"
#include "report/diff_report.hpp"

namespace untrack {

struct HostAudit {
  AuditReport report;
  std::vector<std::string> bad_usage;  // of options; not empty: nothing was judged
  bool is_skipped = false;             // a pattern matched it, and it is no ruleset
  // With --changed-since: nothing was audited, for nothing changed; or what did.
  bool is_unchanged = false;
  bool is_new = false;
  std::optional<DiffReport> change = {};
  std::chrono::microseconds reading{};
  std::chrono::microseconds auditing{};  // the comparison with an older version included
};

// `report.unreadable` names what could not be read; then nothing was judged: a verdict without one
// of the files could be a wrong "safe". May be called by several threads for different hosts, as
// long as at most one of them names standard input. `words`: of the flow classes.
[[nodiscard]] HostAudit audit_host(const HostInputs& host, const AuditOptions& options,
                                   const Surroundings& surroundings, std::size_t threads,
                                   FlowWords words = FlowWords::lines);

// What one host alone makes of the process.
[[nodiscard]] ExitStatus status_of(const AuditReport& report, Severity fail_on);

// Writes the findings as a baseline, which makes `status` clean unless something was not
// understood.
[[nodiscard]] ExitStatus write_baseline(const std::string& path,
                                        const std::vector<BaselineEntry>& entries,
                                        ExitStatus status, const Surroundings& surroundings);

}  // namespace untrack
