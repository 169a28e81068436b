#include "app/pipeline/audit.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <ostream>
#include <utility>

#include "app/command_options.hpp"
#include "app/outputs.hpp"
#include "app/read_entries.hpp"
#include "app/settings_texts.hpp"
#include "app/version.hpp"
#include "report/audit_text.hpp"
#include "report/formats/audit_formats.hpp"
#include "report/terminal.hpp"

namespace untrack {
namespace {

struct Options {
  std::vector<std::string> rules;
  RulesOptions input;
  std::string kernel;
  std::string entries;
  std::vector<std::string> sysctl;
  std::vector<std::string> addresses;
  std::string fail_on = "error";
  std::vector<std::string> output;
  DisplayOptions display;
  bool each = false;
};

Severity severity_of(const std::string& word) {
  if (word == "note") return Severity::note;
  if (word == "warning") return Severity::warning;
  return Severity::error;
}

std::vector<std::string_view> forms() {
  std::vector<std::string_view> names = {"text"};
  for (const AuditFormat& format : audit_formats()) names.push_back(format.name);
  return names;
}

ExitStatus run_audit(const Options& options, const Surroundings& surroundings) {
  AuditPolicy policy;
  policy.format = format_of(options.input.format);
  policy.ip_version = options.input.ip_version();
  const auto outputs = read_outputs(options.output, forms(), surroundings.err);
  if (!outputs) return ExitStatus::bad_usage;
  const auto standard_inputs = std::ranges::count(options.rules, "-") +
                               std::ranges::count(options.sysctl, "-") +
                               (options.entries == "-" ? 1 : 0);
  if (standard_inputs > 1) {
    surroundings.err << "untrack: standard input (-) can be named once\n";
    return ExitStatus::bad_usage;
  }
  RulesOptions input = options.input;
  input.facts = options.entries == live_entries ? LiveFacts::host_and_entries : LiveFacts::host;
  std::optional<InputTexts> texts = read_rules(options.rules, input, surroundings);
  if (!texts) return ExitStatus::bad_input;
  policy.kernel = kernel_of(options.kernel, *texts);
  policy.is_live = options.input.live || !texts->snapshots.empty();
  policy.host_ports = local_ports_of(*texts);
  for (const NamedSnapshot& each : texts->snapshots) {
    std::ranges::copy(each.snapshot.users, std::back_inserter(policy.users));
  }
  std::vector<std::string> errors;
  policy.settings = read_settings_texts(options.sysctl, *texts, surroundings.in, errors);
  policy.entries = read_entries_text(options.entries, *texts, surroundings.in, errors);
  for (const std::string& error : errors) {
    surroundings.err << "untrack: cannot read " << escape_control(error) << "\n";
  }
  if (!errors.empty()) return ExitStatus::bad_input;
  auto locals = local_addresses_of(options.addresses, *texts, surroundings.err);
  if (!locals) return ExitStatus::bad_usage;
  policy.locals = std::move(*locals);
  AuditReport report = audit(std::move(texts->texts), policy);
  report.skipped = std::move(texts->skipped);
  report.not_there = std::move(texts->not_there);

  const Severity fail_on = severity_of(options.fail_on);
  const auto write = [&](const std::string& form) {
    const AuditFormat* format = find_audit_format(form);
    if (format != nullptr) return format->write(report, {UNTRACK_VERSION, fail_on});
    return write_audit_text(report, display_for(options.display, surroundings), options.each);
  };
  if (!write_outputs(*outputs, write, surroundings.out, surroundings.err)) {
    return ExitStatus::internal_error;
  }
  if (!report.is_fully_understood) return ExitStatus::bad_input;
  const std::optional<Severity> found = worst(report.findings);
  return found && *found >= fail_on ? ExitStatus::findings : ExitStatus::clean;
}

}  // namespace

void add_audit_command(CLI::App& app, Action* chosen) {
  CommandOptions command(
      app, "audit", "Say whether a ruleset forces connection tracking, by what, and what to do");
  auto options = std::make_shared<Options>();
  command.arguments("RULES", options->rules,
                    "Files or directories of one host, judged together; - is standard input", true);
  command.rules(options->input);
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
  command.outputs(options->output, forms());
  command.flag("--each", options->each,
               "Print every finding in full, also those that say the same, and every flow class");
  command.display(options->display);
  command.footer(
      "Exit status: 0 nothing at or above --fail-on; 1 findings; 2 bad usage; 3 an input is "
      "unreadable\nor not fully understood (the verdict is printed all the same); 4 internal "
      "error.");
  command.run(chosen, [options](const Surroundings& surroundings) {
    return run_audit(*options, surroundings);
  });
}

}  // namespace untrack
