#include "app/pipeline/pressure.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstddef>
#include <memory>
#include <ostream>

#include "app/command.hpp"
#include "app/display.hpp"
#include "app/read_inputs.hpp"
#include "app/read_settings.hpp"
#include "app/version.hpp"
#include "report/pressure_json.hpp"
#include "report/pressure_text.hpp"

namespace untrack {
namespace {

struct Options {
  std::vector<std::string> rules;
  std::vector<std::string> sysctl;
  std::vector<std::string> profiles;
  PressureRequest request;  // the options whose values it takes as text
  std::string fail_on = "error";
  std::string output = "text";
  DisplayOptions display;
};

Severity severity_of(const std::string& word) {
  if (word == "note") return Severity::note;
  if (word == "warning") return Severity::warning;
  return Severity::error;
}

// How many of the inputs are standard input, which can be read once.
std::ptrdiff_t standard_inputs(const Options& options) {
  const auto count = [](const std::vector<std::string>& names) {
    return std::count(names.begin(), names.end(), "-");
  };
  return count(options.rules) + count(options.sysctl) + count(options.profiles);
}

// False, with the reasons on standard error, if something that was named cannot be read.
bool read_all(const Options& options, const Surroundings& surroundings, PressureRequest& request) {
  std::vector<std::string> errors;
  for (const std::string& path : options.sysctl) {
    std::string error = read_settings(path, surroundings.in, request);
    if (!error.empty()) errors.push_back(std::move(error));
  }
  if (options.sysctl.empty() && !request.kernel && !request.ram) {
    read_proc("/proc", Origin::measured, request);
  }
  for (const std::string& path : options.profiles) {
    request.profiles.push_back({path, read_text(path, surroundings.in, errors)});
  }
  if (!options.rules.empty()) {
    InputTexts texts = read_inputs(options.rules, surroundings.in);
    for (NamedText& text : texts.texts) request.rules.push_back({text.path, std::move(text.text)});
    errors.insert(errors.end(), texts.unreadable.begin(), texts.unreadable.end());
  }
  for (const std::string& error : errors) {
    surroundings.err << "untrack: cannot read " << escape_control(error) << "\n";
  }
  return errors.empty();
}

ExitStatus run_pressure(const Options& options, const Surroundings& surroundings) {
  if (standard_inputs(options) > 1) {
    surroundings.err << "untrack: standard input (-) can be named once\n";
    return ExitStatus::bad_usage;
  }
  PressureRequest request = options.request;
  if (!read_all(options, surroundings, request)) return ExitStatus::bad_input;
  const PressureReport report = pressure(std::move(request));
  const Display display = display_for(options.display, surroundings);
  surroundings.err << write_pressure_problems(report, display);
  if (!report.usage.empty()) return ExitStatus::bad_usage;
  surroundings.out << (options.output == "json" ? write_pressure_json(report, UNTRACK_VERSION)
                                                : write_pressure_text(report, display));
  return exit_status(report, severity_of(options.fail_on));
}

void add_numbers(CLI::App& command, PressureRequest& request) {
  command.add_option("--kernel", request.kernel, "Kernel of the target, as uname -r prints it")
      ->type_name("VERSION");
  command.add_option("--ram", request.ram, "Memory of the target, as in 8G or 512M")
      ->type_name("SIZE");
  command.add_option("--bits", request.bits, "Word size of the target's kernel (default 64)")
      ->type_name("32|64");
  command.add_option("--max", request.max, "nf_conntrack_max instead of what is set")
      ->type_name("N");
  command
      .add_option("--buckets", request.buckets,
                  "Buckets instead of what is set, as if given by hashsize=")
      ->type_name("N");
  command.add_option("--count", request.count, "Entries in the table instead of what is counted")
      ->type_name("N");
  command
      .add_option(
          "--rate", request.rates,
          "New flows of a protocol and how long they live, as in tcp=500/s,60s or "
          "udp=2000/s; may be repeated. Endings of tcp: closed, reset, abandoned, unanswered")
      ->allow_extra_args(false)
      ->type_name("LOAD");
  command
      .add_option("--flood", request.floods,
                  "Packets of a flood, as in 20000/s; may be repeated (default 1,000, 10,000 and "
                  "100,000/s)")
      ->allow_extra_args(false)
      ->type_name("RATE");
  command
      .add_option("--depth", request.depth,
                  "Entries per bucket to advise (default 1, as kernels since 5.15)")
      ->type_name("N");
  command
      .add_option("--headroom", request.headroom,
                  "Max to advise, as a multiple of the entries expected (default 2)")
      ->type_name("FACTOR");
}

}  // namespace

void add_pressure_command(CLI::App& app, Action* chosen) {
  CLI::App* command = app.add_subcommand(
      "pressure", "Size the connection tracking table: occupancy, depth, memory, floods, advice");
  auto options = std::make_shared<Options>();
  command->add_option("RULES", options->rules,
                      "Ruleset of the host: tells whether the table is used at all");
  command
      ->add_option(
          "--sysctl", options->sysctl,
          "Settings of another host: output of sysctl -a, sysctl.d files or a directory of "
          "them, a copy of /proc or /proc/sys; may be repeated")
      ->allow_extra_args(false)
      ->type_name("FILE|DIR");
  command
      ->add_option("--profile", options->profiles, "File with one LOAD a line; # begins a comment")
      ->allow_extra_args(false)
      ->type_name("FILE");
  add_numbers(*command, options->request);
  command
      ->add_option("--fail-on", options->fail_on,
                   "Lowest severity that makes the exit status 1 (default error)")
      ->check(CLI::IsMember({"error", "warning", "note"}))
      ->type_name("error|warning|note");
  command->add_option("--output", options->output, "Form of the report (default text)")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("text|json");
  command->add_option("--color", options->display.colour, "Colour in text (default auto)")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->type_name("auto|always|never");
  command
      ->add_option("--width", options->display.width,
                   "Columns of text (default: the terminal's, else 100)")
      ->check(CLI::Range(40, 1000))
      ->type_name("COLUMNS");
  command->footer(
      "Without --sysctl, --kernel and --ram the settings of this host are read from /proc.\n"
      "Exit status: 0 nothing at or above --fail-on; 1 findings; 2 bad usage, or too little is "
      "known;\n3 an input is unreadable or not fully understood; 4 internal error.");
  command->callback([chosen, options] {
    *chosen = [options](const Surroundings& surroundings) {
      return run_pressure(*options, surroundings);
    };
  });
}

}  // namespace untrack
