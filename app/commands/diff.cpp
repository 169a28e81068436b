#include "app/pipeline/diff.hpp"

#include <memory>
#include <ostream>

#include "app/command_options.hpp"
#include "app/files/read_settings.hpp"
#include "app/outputs.hpp"
#include "app/version.hpp"
#include "report/diff_json.hpp"
#include "report/diff_text.hpp"
#include "report/formats/diff_markdown.hpp"
#include "report/html/diff_html.hpp"
#include "report/terminal.hpp"

namespace untrack {
namespace {

struct DiffOptions {
  std::vector<std::string> rulesets;
  RulesOptions input;
  std::string kernel;
  std::vector<std::string> output;
  DisplayOptions display;
  ConfigOptions config;
};

const std::vector<std::string_view> diff_forms = {"text", "json", "markdown", "html"};

ExitStatus run_diff(const DiffOptions& options, const Surroundings& surroundings) {
  if (!are_two_hosts(options.rulesets, options.input)) {
    surroundings.err
        << "untrack diff: two rulesets are needed, OLD and NEW; " << options.rulesets.size()
        << " given (join several files of one host with commas; --live is the first)\n";
    return ExitStatus::bad_usage;
  }
  const auto outputs = read_outputs(options.output, diff_forms, surroundings.err);
  if (!outputs) return ExitStatus::bad_usage;
  DiffPolicy policy;
  policy.format = format_of(options.input.format);
  policy.ip_version = options.input.ip_version();
  auto hosts = read_two_hosts(options.rulesets, options.input, surroundings);
  if (!hosts) return ExitStatus::bad_input;
  policy.kernel = kernel_of(options.kernel, hosts->first);
  for (const NamedSnapshot& each : hosts->first.snapshots) {
    take_settings_of(each, policy.settings_before);
  }
  for (const NamedSnapshot& each : hosts->second.snapshots) {
    take_settings_of(each, policy.settings_after);
  }
  if (!options.kernel.empty()) {
    policy.settings_before.kernel = options.kernel;
    policy.settings_after.kernel = options.kernel;
  }
  const DiffReport report =
      diff(std::move(hosts->first.texts), std::move(hosts->second.texts), policy);
  const auto write = [&](const std::string& form) {
    if (form == "json") return write_diff_json(report, UNTRACK_VERSION);
    if (form == "markdown") return formats::write_diff_markdown(report);
    if (form == "html") return write_diff_html(report, UNTRACK_VERSION);
    const Display display = display_for(options.display, surroundings);
    return write_diff_text(report, display) + config_line(options.config, display);
  };
  if (!write_outputs(*outputs, write, surroundings.out, surroundings.err)) {
    return ExitStatus::internal_error;
  }
  if (!report.is_fully_understood) return ExitStatus::bad_input;
  return report.is_equivalent() ? ExitStatus::clean : ExitStatus::findings;
}

}  // namespace

void add_diff_command(CLI::App& app, Action* chosen) {
  CommandOptions command(app, "diff",
                         "Say which packets two rulesets decide differently, and by which rules");
  auto options = std::make_shared<DiffOptions>();
  command.arguments("OLD NEW", options->rulesets,
                    "The two rulesets: each a file, a directory, -, or files joined by commas");
  command.rules(options->input);
  command.kernel(options->kernel,
                 "Kernel of the target, as uname -r prints it; before 4.10 other rules hold");
  command.outputs(options->output, diff_forms);
  command.display(options->display);
  command.configuration(options->config);
  command.footer(
      "Exit status: 0 every packet is decided alike; 1 there are differences; 2 bad usage; 3 an "
      "input is\nunreadable or not fully understood, or not all could be compared; 4 internal "
      "error.");
  command.run(chosen, [options](const Surroundings& surroundings) {
    return run_diff(*options, surroundings);
  });
}

}  // namespace untrack
