#include "app/pipeline/unload.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "app/command.hpp"
#include "app/display.hpp"
#include "app/read_inputs.hpp"
#include "app/version.hpp"
#include "app/write_file.hpp"
#include "report/terminal.hpp"
#include "report/unload_json.hpp"
#include "report/unload_text.hpp"

namespace untrack {
namespace {

struct Options {
  std::vector<std::string> rules;
  std::string modules;
  std::string modules_dep;
  std::string modules_builtin;
  std::string family;
  std::string format;
  std::string kernel;
  std::string output = "text";
  std::string script;
  DisplayOptions display;
  bool print_script = false;
};

constexpr unsigned int executable = 0755;

// Reads one of the files about modules, if it was named; adds to `unreadable` what failed.
std::optional<UnloadText> read_named(const std::string& name, const Surroundings& surroundings,
                                     std::vector<std::string>& unreadable) {
  if (name.empty()) return std::nullopt;
  InputTexts texts = read_inputs({name}, surroundings.in);
  for (std::string& reason : texts.unreadable) unreadable.push_back(std::move(reason));
  if (texts.texts.size() != 1) return std::nullopt;
  return UnloadText{std::move(texts.texts[0].path), std::move(texts.texts[0].text)};
}

ExitStatus status_of(const UnloadReport& report) {
  if (!report.is_fully_understood) return ExitStatus::bad_input;
  switch (report.plan.status) {
    case UnloadStatus::ready:
      return ExitStatus::clean;
    case UnloadStatus::conditional:
    case UnloadStatus::refused:
      return ExitStatus::findings;
    case UnloadStatus::unknown:
      return ExitStatus::bad_input;
  }
  return ExitStatus::internal_error;
}

ExitStatus run_unload(const Options& options, const Surroundings& surroundings) {
  UnloadPolicy policy;
  policy.format = format_of(options.format);
  if (options.family == "ipv4") policy.ip_version = IpVersion::ipv4;
  if (options.family == "ipv6") policy.ip_version = IpVersion::ipv6;
  if (!options.kernel.empty()) policy.kernel = parse_kernel_version(options.kernel);

  InputTexts rules = read_inputs(options.rules, surroundings.in);
  std::vector<std::string> unreadable = std::move(rules.unreadable);
  UnloadTexts texts;
  for (NamedText& text : rules.texts) {
    texts.rules.push_back({std::move(text.path), std::move(text.text)});
  }
  texts.modules = read_named(options.modules, surroundings, unreadable);
  texts.modules_dep = read_named(options.modules_dep, surroundings, unreadable);
  texts.modules_builtin = read_named(options.modules_builtin, surroundings, unreadable);
  if (!unreadable.empty()) {
    // A plan without one of the files that were named could leave out what holds the module.
    for (const std::string& reason : unreadable) {
      surroundings.err << "untrack: cannot read " << escape_control(reason) << "\n";
    }
    return ExitStatus::bad_input;
  }

  UnloadReport report = unload(std::move(texts), policy, UNTRACK_VERSION);
  if (!options.script.empty() && !report.script.empty()) {
    const std::string error = write_file(options.script, report.script, executable);
    if (!error.empty()) {
      surroundings.err << "untrack: cannot write " << escape_control(options.script) << ": "
                       << error << "\n";
      return ExitStatus::internal_error;
    }
    report.script_path = options.script;
  }
  const Display display = display_for(options.display, surroundings);
  if (options.print_script && !report.script.empty()) {
    surroundings.out << report.script;
  } else if (options.print_script) {
    // Nothing that a shell could run by mistake goes to where a script is expected.
    surroundings.err << unload_text(report, display);
  } else if (options.output == "json") {
    surroundings.out << unload_json(report, UNTRACK_VERSION);
  } else {
    surroundings.out << unload_text(report, display);
  }
  return status_of(report);
}

}  // namespace

void add_unload_command(CLI::App& app, Action* chosen) {
  CLI::App* command = app.add_subcommand(
      "unload", "Plan how connection tracking is unloaded, and write the plan as a shell script");
  auto options = std::make_shared<Options>();
  command
      ->add_option("RULES", options->rules,
                   "Rulesets that are to stay on the host, judged together; - is standard input")
      ->required();
  command->add_option("--modules", options->modules, "Text of /proc/modules of the host")
      ->type_name("FILE");
  command
      ->add_option("--modules-dep", options->modules_dep,
                   "/lib/modules/VERSION/modules.dep of the host (else a built-in table)")
      ->type_name("FILE");
  command
      ->add_option("--modules-builtin", options->modules_builtin,
                   "/lib/modules/VERSION/modules.builtin of the host")
      ->type_name("FILE");
  command
      ->add_option("--kernel", options->kernel,
                   "Kernel of the host, as uname -r prints it (else 4.10 or later)")
      ->check([](const std::string& word) {
        return parse_kernel_version(word) ? std::string()
                                          : "not a kernel version: " + escape_control(word);
      })
      ->type_name("VERSION");
  command
      ->add_option("--family", options->family,
                   "Address family of rules that do not say it (else guessed, and told)")
      ->check(CLI::IsMember({"ipv4", "ipv6"}))
      ->type_name("ipv4|ipv6");
  command->add_option("--format", options->format, "Format of the rules (else recognised)")
      ->check([](const std::string& word) {
        return format_of(word) ? std::string() : "unknown format " + escape_control(word);
      })
      ->type_name("FORMAT");
  command->add_option("--output", options->output, "Form of the report (default text)")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("text|json");
  CLI::Option* script =
      command->add_option("--script", options->script, "Write the plan as a POSIX shell script")
          ->type_name("FILE");
  command->add_flag("--print-script", options->print_script, "Print that script and nothing else")
      ->excludes(script);
  command->add_option("--color", options->display.colour, "Colour in text (default auto)")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->type_name("auto|always|never");
  command
      ->add_option("--width", options->display.width,
                   "Columns of text (default: the terminal's, else 100)")
      ->check(CLI::Range(40, 1000))
      ->type_name("COLUMNS");
  command->footer(
      "Nothing on this host is changed; the script does that, elsewhere and later, if told to.\n"
      "Exit status: 0 it can be unloaded; 1 it cannot, or only if more goes (no or conditional "
      "script);\n2 bad usage; 3 an input is unreadable or not fully understood; 4 internal error.");
  command->callback([chosen, options] {
    *chosen = [options](const Surroundings& surroundings) {
      return run_unload(*options, surroundings);
    };
  });
}

}  // namespace untrack
