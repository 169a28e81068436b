#include "app/audit_hosts.hpp"

#include <algorithm>
#include <iterator>
#include <ostream>
#include <utility>

#include "app/audit_host.hpp"
#include "app/parallel.hpp"
#include "app/progress.hpp"
#include "app/version.hpp"
#include "report/audit_text.hpp"
#include "report/formats/audit_formats.hpp"
#include "report/hosts_text.hpp"
#include "report/terminal.hpp"

namespace untrack {
namespace {

// What is kept of a host: a report holds its ruleset, and a thousand of them much memory.
struct Done {
  HostRow row;
  std::vector<std::vector<FormatPiece>> pieces;  // by output; text has one
  std::vector<std::string> skipped;
  std::vector<std::string> bad_usage;
  ExitStatus status = ExitStatus::clean;
  bool is_skipped = false;
};

std::string host_text(const AuditReport& report, const Display& display, bool each) {
  std::string text = write_host_heading(report.host, display);
  return text +
         (report.unreadable.empty() ? write_audit_text(report, display, each)
                                    : wrap(report.verdict, "", "", display)) +
         "\n";
}

}  // namespace

ExitStatus audit_hosts(const std::vector<HostInputs>& hosts, const AuditOptions& options,
                       const std::vector<Output>& outputs, const Surroundings& surroundings) {
  const Display display = display_for(options.display, surroundings);
  const FormatOptions form_options{UNTRACK_VERSION, severity_of(options.fail_on)};
  std::vector<Done> all(hosts.size());
  {
    Progress progress("audited", hosts.size(), surroundings);
    const auto work = [&](std::size_t i) {
      HostAudit host = audit_host(hosts[i], options, surroundings);
      Done& done = all[i];
      done.bad_usage = std::move(host.bad_usage);
      done.is_skipped = host.is_skipped;
      progress.step();
      if (done.is_skipped || !done.bad_usage.empty()) return;
      done.row = row_of(host.report);
      done.status = status_of(host.report, form_options.fail_on);
      for (const Output& output : outputs) {
        const AuditFormat* format = find_audit_format(output.form);
        if (format != nullptr) {
          done.pieces.push_back(format->pieces(host.report, form_options));
        } else {
          done.pieces.push_back(
              {{Severity::note, options.only_table
                                    ? std::string()
                                    : host_text(host.report, display, options.each)}});
        }
      }
    };
    in_parallel(hosts.size(), static_cast<std::size_t>(options.jobs.value_or(0)), work);
  }
  HostsSummary summary;
  ExitStatus worst_status = ExitStatus::clean;
  std::vector<std::vector<FormatPiece>> pieces(outputs.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    Done& done = all[i];
    if (!done.bad_usage.empty()) {
      surroundings.err << done.bad_usage.front();
      return ExitStatus::bad_usage;
    }
    if (done.is_skipped) {
      summary.skipped.push_back(hosts[i].names.front());
      continue;
    }
    worst_status = std::max(worst_status, done.status);
    summary.rows.push_back(std::move(done.row));
    for (std::size_t k = 0; k < pieces.size(); ++k) {
      std::ranges::move(done.pieces[k], std::back_inserter(pieces[k]));
    }
  }
  if (summary.rows.empty()) {
    surroundings.err << "untrack: nothing that was named looks like a ruleset\n";
    return ExitStatus::bad_input;
  }
  const auto write = [&](const std::string& form) {
    const auto at = std::ranges::find(outputs, form, &Output::form) - outputs.begin();
    const std::vector<FormatPiece>& own = pieces[static_cast<std::size_t>(at)];
    if (const AuditFormat* format = find_audit_format(form)) {
      return format->document(summary, own, form_options);
    }
    std::string text;
    for (const FormatPiece& piece : own) text += piece.text;
    return text + write_hosts_table(summary, display);
  };
  if (!write_outputs(outputs, write, surroundings.out, surroundings.err)) {
    return ExitStatus::internal_error;
  }
  return worst_status;
}

}  // namespace untrack
