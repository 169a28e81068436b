#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <ostream>
#include <set>

#include "app/audit_host.hpp"
#include "app/audit_hosts.hpp"
#include "app/command_options.hpp"
#include "app/files/expand_names.hpp"
#include "app/files/read_entries.hpp"
#include "app/files/read_file.hpp"
#include "app/files/settings_texts.hpp"
#include "app/outputs.hpp"
#include "app/until_end.hpp"
#include "app/verbose.hpp"
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

std::set<std::string> files_of(const HostInputs& host) {
  std::set<std::string> files;
  for (const ExpandedName& each : expand_names(host.names)) {
    std::error_code ignored;
    files.insert(std::filesystem::weakly_canonical(each.name, ignored).string());
  }
  return files;
}

// Those that the words name. A file of a host of the configuration stands for that host, so that
// whoever names changed files gets each judged with its like.
std::vector<HostInputs> hosts_of(const AuditOptions& options) {
  if (options.rules.empty()) return options.config.hosts;
  std::vector<HostInputs> hosts;
  std::map<std::string, const HostInputs*> known;
  for (const HostInputs& host : options.config.hosts) {
    for (const std::string& file : files_of(host)) known.emplace(file, &host);
  }
  std::set<const HostInputs*> taken;
  for (const ExpandedName& each : expand_names(options.rules)) {
    HostInputs host{each.name, names_of_host(each.name), each.is_matched, {}};
    std::set<const HostInputs*> owners;
    for (const std::string& file : files_of(host)) {
      const auto owner = known.find(file);
      owners.insert(owner == known.end() ? nullptr : owner->second);
    }
    if (owners.size() != 1 || *owners.begin() == nullptr) {
      hosts.push_back(std::move(host));
    } else if (taken.insert(*owners.begin()).second) {
      hosts.push_back(**owners.begin());
    }
  }
  return hosts;
}

ExitStatus audit_one(const AuditOptions& options, const std::vector<Output>& outputs,
                     const Surroundings& surroundings) {
  HostInputs inputs;
  for (const ExpandedName& each : expand_names(options.rules)) inputs.names.push_back(each.name);
  const UntilEnd audited(
      audit_host(inputs, options, surroundings, static_cast<std::size_t>(options.jobs.value_or(0))),
      surroundings);
  const HostAudit& host = *audited;
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
    const Display display = display_for(options.display, surroundings);
    return write_audit_text(report, display, options.each) + config_line(options.config, display);
  };
  const ExitStatus status = status_of(report, fail_on);
  const bool is_silent = options.quiet && status == ExitStatus::clean;
  if (options.verbose) surroundings.err << verbose_lines(host);
  Stopwatch watch;
  if (!write_outputs(is_silent ? without_text(outputs) : outputs, write, surroundings.out,
                     surroundings.err)) {
    return ExitStatus::internal_error;
  }
  if (options.verbose) {
    surroundings.err << "untrack: writing took " << spell_time(watch.lap()) << "\n";
  }
  if (options.write_baseline.empty()) return status;
  return write_baseline(options.write_baseline, baseline_entries(report), status, surroundings);
}

bool read_known(AuditOptions& options, const Surroundings& surroundings) {
  std::error_code ignored;
  const bool is_first = options.baseline == options.write_baseline &&
                        !std::filesystem::exists(options.baseline, ignored);
  if (options.baseline.empty() || is_first) return true;
  std::string why;
  const std::optional<std::string> text = read_file(options.baseline, why);
  std::optional<Baseline> known;
  if (text) known = read_baseline_json(*text, why);
  if (known) {
    options.known = std::make_shared<const Baseline>(std::move(*known));
    return true;
  }
  surroundings.err << "untrack: cannot read " << escape_control(options.baseline) << ": " << why
                   << "\n";
  return false;
}

ExitStatus run_audit(AuditOptions& options, const Surroundings& surroundings) {
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
  if (options.verbose) surroundings.err << verbose_start(options);
  if (!read_known(options, surroundings)) return ExitStatus::bad_usage;
  const bool is_of_config =
      options.rules.empty() && !options.input.live && !options.config.hosts.empty();
  if (options.rules.empty() && !options.input.live && !is_of_config) {
    surroundings.err << "untrack audit: RULES is required: " << where_rules_come_from
                     << "\nRun untrack audit --help for more information.\n";
    return ExitStatus::bad_usage;
  }
  if (!options.since.empty()) {
    std::string why;
    std::vector<std::string> names = options.rules;
    for (const HostInputs& host : options.config.hosts) {
      if (is_of_config) names.insert(names.end(), host.names.begin(), host.names.end());
    }
    options.older = OlderTree::open(options.since, names, surroundings, why);
    if (!options.older) {
      surroundings.err << "untrack: --changed-since " << escape_control(options.since) << ": "
                       << escape_control(why) << "\n";
      return ExitStatus::bad_usage;
    }
  }
  if (options.hosts || is_of_config) {
    return audit_hosts(hosts_of(options), options, *outputs, surroundings);
  }
  if (options.older) {
    const HostInputs host{
        fmt::format("{}", fmt::join(options.rules, ",")), options.rules, false, {}};
    return audit_hosts({host}, options, *outputs, surroundings);
  }
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
  command.flag("--only-table", options->only_table, "Of several hosts, print the table alone");
  command.number(
      "--jobs", options->jobs,
      "Threads: for hosts that are audited at a time, or for one large ruleset (default: "
      "as many as cores)",
      "NUMBER", 1, 1024);
  command.kernel(options->kernel,
                 "Kernel of the target, as uname -r prints it; before 4.10 other rules hold");
  command.repeated("--sysctl", options->sysctl, sysctl_help, "FILE|DIR");
  command.text("--entries", options->entries,
               "Entries of the connection tracking table, as conntrack -L or "
               "/proc/net/nf_conntrack gives them, or \"live\" with --live: which rule admitted "
               "which share",
               "FILE");
  command.repeated("--address", options->addresses, address_help, "ADDRESS");
  command.fail_on(options->fail_on);
  command.flag("--no-ignores", options->no_ignores,
               "Count the findings that comments of the rulesets ignore");
  command.text("--changed-since", options->since,
               "Audit only what changed since a revision of git, or is not the same in another "
               "directory, and say what that changes for packets and tracking",
               "REV|DIR");
  command.text("--baseline", options->baseline,
               "Findings that are known and do not count, as --write-baseline wrote them", "FILE");
  command.text("--write-baseline", options->write_baseline,
               "Write the findings to a file for --baseline; the exit status is then that of none",
               "FILE");
  command.outputs(options->output, forms());
  command.flag("--each", options->each,
               "Print every finding in full, also those that say the same, and every flow class");
  command.flag("--quiet", options->quiet, "Print no text where nothing is at or above --fail-on");
  command.flag("--verbose", options->verbose,
               "Tell on standard error what is read, and how long each stage takes");
  command.exclude("--quiet", "--verbose");
  command.display(options->display);
  command.configuration(options->config, true);
  for (const char* other : {"--live", "--entries", "--address"}) {
    command.exclude("--hosts", other);
    command.exclude("--changed-since", other);
  }
  command.footer(
      "Exit status: 0 nothing at or above --fail-on; 1 findings; 2 bad usage; 3 an input is "
      "unreadable\nor not fully understood (the verdict is printed all the same); 4 internal "
      "error. Of several hosts, the highest.");
  command.run(chosen, [options](const Surroundings& surroundings) {
    return run_audit(*options, surroundings);
  });
}

}  // namespace untrack
