#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <ostream>

#include "app/audit_host.hpp"
#include "app/audit_hosts.hpp"
#include "app/command_options.hpp"
#include "app/expand_names.hpp"
#include "app/outputs.hpp"
#include "app/read_entries.hpp"
#include "app/settings_texts.hpp"
#include "app/version.hpp"
#include "report/audit_text.hpp"
#include "report/formats/audit_formats.hpp"
#include "report/terminal.hpp"

namespace untrack {
namespace {

std::vector<std::string_view> forms() {
  std::vector<std::string_view> names = {"text"};
  for (const AuditFormat& format : audit_formats()) names.push_back(format.name);
  return names;
}

// Those that a word of the command line joins by commas are one host's.
std::vector<HostInputs> hosts_of(const AuditOptions& options) {
  std::vector<HostInputs> hosts;
  for (const ExpandedName& each : expand_names(options.rules)) {
    hosts.push_back({each.name, names_of_host(each.name), each.is_matched, {}});
  }
  return hosts;
}

ExitStatus audit_one(const AuditOptions& options, const std::vector<Output>& outputs,
                     const Surroundings& surroundings) {
  HostInputs inputs;
  for (const ExpandedName& each : expand_names(options.rules)) inputs.names.push_back(each.name);
  const HostAudit host = audit_host(inputs, options, surroundings);
  for (const std::string& error : host.bad_usage) surroundings.err << error;
  if (!host.bad_usage.empty()) return ExitStatus::bad_usage;
  const AuditReport& report = host.report;
  for (const std::string& error : report.unreadable) {
    surroundings.err << "untrack: cannot read " << escape_control(error) << "\n";
  }
  if (!report.unreadable.empty()) return ExitStatus::bad_input;
  const Severity fail_on = severity_of(options.fail_on);
  const auto write = [&](const std::string& form) {
    const AuditFormat* format = find_audit_format(form);
    if (format != nullptr) return format->write(report, {UNTRACK_VERSION, fail_on});
    return write_audit_text(report, display_for(options.display, surroundings), options.each);
  };
  if (!write_outputs(outputs, write, surroundings.out, surroundings.err)) {
    return ExitStatus::internal_error;
  }
  return status_of(report, fail_on);
}

ExitStatus run_audit(const AuditOptions& options, const Surroundings& surroundings) {
  const auto outputs = read_outputs(options.output, forms(), surroundings.err);
  if (!outputs) return ExitStatus::bad_usage;
  const auto standard_inputs = std::ranges::count(options.rules, "-") +
                               std::ranges::count(options.sysctl, "-") +
                               (options.entries == "-" ? 1 : 0);
  if (standard_inputs > 1 || (options.hosts && std::ranges::count(options.sysctl, "-") > 0)) {
    surroundings.err << "untrack: standard input (-) can be named once"
                     << (options.hosts ? ", for one host" : "") << "\n";
    return ExitStatus::bad_usage;
  }
  if (options.hosts) return audit_hosts(hosts_of(options), options, *outputs, surroundings);
  return audit_one(options, *outputs, surroundings);
}

}  // namespace

void add_audit_command(CLI::App& app, Action* chosen) {
  CommandOptions command(
      app, "audit", "Say whether a ruleset forces connection tracking, by what, and what to do");
  auto options = std::make_shared<AuditOptions>();
  command.arguments("RULES", options->rules,
                    "Files, directories or patterns of one host, judged together; - is standard "
                    "input",
                    true);
  command.rules(options->input);
  command.flag("--hosts", options->hosts,
               "Each of RULES is a host of its own: a file, a directory, or files joined by "
               "commas; all are audited in parallel");
  command.flag("--only-table", options->only_table,
               "With --hosts, print the table of the hosts alone");
  command.number("--jobs", options->jobs, "With --hosts, threads (default: as many as cores)",
                 "NUMBER", 1, 1024);
  command.kernel(options->kernel,
                 "Kernel of the target, as uname -r prints it; before 4.10 other rules hold");
  command.repeated("--sysctl", options->sysctl, sysctl_help, "FILE|DIR");
  command.text("--entries", options->entries,
               "Entries of the connection tracking table, as conntrack -L or "
               "/proc/net/nf_conntrack gives them: which rule admitted which share",
               "FILE");
  command.repeated("--address", options->addresses, address_help, "ADDRESS");
  command.fail_on(options->fail_on);
  command.outputs(options->output, forms());
  command.flag("--each", options->each,
               "Print every finding in full, also those that say the same, and every flow class");
  command.display(options->display);
  for (const char* other : {"--live", "--entries", "--address"}) command.exclude("--hosts", other);
  command.need("--only-table", "--hosts");
  command.need("--jobs", "--hosts");
  command.footer(
      "Exit status: 0 nothing at or above --fail-on; 1 findings; 2 bad usage; 3 an input is "
      "unreadable\nor not fully understood (the verdict is printed all the same); 4 internal "
      "error. Of several hosts, the highest.");
  command.run(chosen, [options](const Surroundings& surroundings) {
    return run_audit(*options, surroundings);
  });
}

}  // namespace untrack
