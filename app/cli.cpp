#include "app/cli.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <new>
#include <ostream>
#include <string_view>

#include "app/command.hpp"
#include "app/memory_limit.hpp"
#include "app/version.hpp"
#include "model/spelling.hpp"
#include "report/terminal.hpp"

namespace untrack {
namespace {

struct Row {
  std::string_view name;
  AddCommand add;
  bool tells_of_all = false;  // what it prints is made of the options of every command
};

constexpr Row commands[] = {
    {"audit", add_audit_command},
    {"checks", add_checks_command},
    {"completions", add_completions_command, true},
    {"diff", add_diff_command},
    {"explain", add_explain_command},
    {"manual", add_manual_command, true},
    {"pressure", add_pressure_command},
    {"recheck", add_recheck_command},
    {"rewrite", add_rewrite_command},
    {"snapshot", add_snapshot_command},
    {"unload", add_unload_command},
    {"verify", add_verify_command},
    {"version", add_version_command},
};

// The command that is asked for, or all: to declare the options of all takes longer than most of
// what a command does with a small ruleset.
void add_commands(CLI::App& app, const std::vector<std::string>& arguments, Action* chosen) {
  const Row* asked = nullptr;
  for (const Row& row : commands) {
    if (!arguments.empty() && row.name == arguments.front()) asked = &row;
  }
  for (const Row& row : commands) {
    if (asked == nullptr || asked->tells_of_all || asked == &row) row.add(app, chosen);
  }
}

// CLI11 says of a misspelt command only that one is missing.
bool refuse_unknown_command(const CLI::App& app, const std::vector<std::string>& arguments,
                            std::ostream& err) {
  if (arguments.front().starts_with('-')) return false;
  Nearest meant(arguments.front());
  for (const CLI::App* command : app.get_subcommands({})) {
    if (command->get_name() == arguments.front()) return false;
    meant.offer(command->get_name());
  }
  err << "untrack: no command \"" << escape_control(arguments.front()) << '"';
  if (!meant.best().empty()) err << "; did you mean \"" << meant.best() << "\"?";
  err << "\nRun untrack --help for the commands.\n";
  return true;
}

// "--baseline" where "--basline" is written; empty: all options are there.
std::string unknown_option(const CLI::App& command, const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument == "--") return {};
    if (!argument.starts_with("--")) continue;
    const std::string name = argument.substr(0, argument.find('='));
    if (command.get_option_no_throw(name) != nullptr) continue;
    std::string text = "no option \"" + escape_control(name) + '"';
    Nearest meant(std::string_view(name).substr(2));
    for (const CLI::Option* option : command.get_options()) {
      for (const std::string& each : option->get_lnames()) meant.offer(each);
    }
    if (!meant.best().empty()) text.append("; did you mean --").append(meant.best()).append("?");
    return text;
  }
  return {};
}

void tell_usage(const CLI::App& app, const std::vector<std::string>& arguments,
                const CLI::ParseError& error, std::ostream& err) {
  const CLI::App* command = nullptr;
  for (const CLI::App* each : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (each->get_name() == arguments.front()) command = each;
  }
  std::string text;
  const bool is_extra = dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr;
  if (is_extra) text = unknown_option(command == nullptr ? app : *command, arguments);
  if (text.empty()) text = escape_control(error.what());
  const std::string name = command == nullptr ? "untrack" : "untrack " + command->get_name();
  err << name << ": " << text << "\nRun " << name << " --help for more information.\n";
}

}  // namespace

ExitStatus run(const std::vector<std::string>& arguments, const Surroundings& surroundings) {
  CLI::App app("Does this firewall need connection tracking?", "untrack");
  app.set_version_flag("--version", "untrack " UNTRACK_VERSION);
  app.require_subcommand(1);
  Action chosen;
  add_commands(app, arguments, &chosen);
  if (arguments.empty()) {
    surroundings.err << app.help();
    return ExitStatus::bad_usage;
  }
  if (refuse_unknown_command(app, arguments, surroundings.err)) return ExitStatus::bad_usage;
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants it
    app.parse(std::move(reversed));
  } catch (const CLI::Success& asked) {
    app.exit(asked, surroundings.out, surroundings.err);
    return ExitStatus::clean;
  } catch (const CLI::ParseError& error) {
    tell_usage(app, arguments, error, surroundings.err);
    return ExitStatus::bad_usage;
  }
  try {
    return chosen(surroundings);
  } catch (const std::bad_alloc& reason) {
    surroundings.err << "untrack: " << out_of_memory(reason) << ".\nNothing more was judged. "
                     << out_of_memory_cure << "\n";
    return ExitStatus::bad_input;
  }
}

}  // namespace untrack
