#include "app/pipeline/unload.hpp"

#include <fmt/format.h>

#include <memory>
#include <ostream>

#include "app/command_options.hpp"
#include "app/files/read_inputs.hpp"
#include "app/files/write_file.hpp"
#include "app/version.hpp"
#include "report/terminal.hpp"
#include "report/unload_json.hpp"
#include "report/unload_text.hpp"

namespace untrack {
namespace {

struct UnloadOptions {
  std::vector<std::string> rules;
  std::string modules;
  std::string modules_dep;
  std::string modules_builtin;
  RulesOptions input;
  std::string kernel;
  std::string output = "text";
  std::string script;
  DisplayOptions display;
  bool print_script = false;
  ConfigOptions config;
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

// What no option names.
void take_modules(const NamedSnapshot& named, UnloadTexts& texts) {
  const auto take = [&](std::string_view name, std::optional<UnloadText>& into) {
    const Snapshot::File* file = named.snapshot.file(name);
    if (into || file == nullptr) return;
    into = UnloadText{fmt::format("{}:{}", named.path, name), file->text};
  };
  take(snapshot_file::modules, texts.modules);
  take(snapshot_file::modules_dep, texts.modules_dep);
  take(snapshot_file::modules_builtin, texts.modules_builtin);
  // A kernel that loads no modules has what it has built in.
  const bool has_conntrack = named.snapshot.setting("net.netfilter.nf_conntrack_max") != nullptr;
  if (named.snapshot.loads_modules == false && has_conntrack && !texts.modules_builtin) {
    texts.modules_builtin =
        UnloadText{named.path + ":loads_modules", "kernel/net/netfilter/nf_conntrack.ko\n"};
  }
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

ExitStatus run_unload(const UnloadOptions& options, const Surroundings& surroundings) {
  UnloadPolicy policy;
  policy.format = format_of(options.input.format);
  policy.ip_version = options.input.ip_version();
  RulesOptions input = options.input;
  input.facts = LiveFacts::host;
  InputTexts rules = read_texts(options.rules, input, surroundings);
  policy.kernel = kernel_of(options.kernel, rules);
  std::vector<std::string> unreadable = std::move(rules.unreadable);
  UnloadTexts texts;
  texts.rules = std::move(rules.texts);
  texts.modules = read_named(options.modules, surroundings, unreadable);
  texts.modules_dep = read_named(options.modules_dep, surroundings, unreadable);
  texts.modules_builtin = read_named(options.modules_builtin, surroundings, unreadable);
  for (const NamedSnapshot& each : rules.snapshots) take_modules(each, texts);
  // Of two hosts it is not known whose rules are to stay on which.
  if (rules.snapshots.size() == 1) texts.users = rules.snapshots.front().snapshot.users;
  if (!unreadable.empty()) {
    // A plan without one of the files that were named could leave out what holds the module.
    for (const std::string& reason : unreadable) {
      surroundings.err << "untrack: cannot read " << escape_control(reason) << "\n";
    }
    return ExitStatus::bad_input;
  }

  tell_not_there(rules, surroundings);
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
    surroundings.out << unload_text(report, display) << config_line(options.config, display);
  }
  return status_of(report);
}

}  // namespace

void add_unload_command(CLI::App& app, Action* chosen) {
  CommandOptions command(
      app, "unload",
      "Plan how connection tracking is unloaded, and write the plan as a shell script");
  auto options = std::make_shared<UnloadOptions>();
  command.arguments("RULES", options->rules,
                    "Rulesets that are to stay on the host, judged together; - is standard input",
                    true);
  command.text("--modules", options->modules, "Text of /proc/modules of the host", "FILE");
  command.text("--modules-dep", options->modules_dep,
               "/lib/modules/VERSION/modules.dep of the host (else a built-in table)", "FILE");
  command.text("--modules-builtin", options->modules_builtin,
               "/lib/modules/VERSION/modules.builtin of the host", "FILE");
  command.kernel(options->kernel, "Kernel of the host, as uname -r prints it (else 4.10 or later)");
  command.rules(options->input);
  command.output(options->output);
  command.text("--script", options->script, "Write the plan as a POSIX shell script", "FILE");
  command.flag("--print-script", options->print_script, "Print that script and nothing else");
  command.exclude("--print-script", "--script");
  command.display(options->display);
  command.configuration(options->config);
  command.footer(
      "Nothing on this host is changed; the script does that, elsewhere and later, if told to.\n"
      "Exit status: 0 it can be unloaded; 1 it cannot, or only if more goes (no or conditional "
      "script);\n2 bad usage; 3 an input is unreadable or not fully understood; 4 internal error.");
  command.run(chosen, [options](const Surroundings& surroundings) {
    return run_unload(*options, surroundings);
  });
}

}  // namespace untrack
