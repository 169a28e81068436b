#include "app/cli.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <new>
#include <ostream>

#include "app/command.hpp"
#include "app/memory_limit.hpp"
#include "app/version.hpp"
#include "model/spelling.hpp"
#include "report/terminal.hpp"

namespace untrack {
namespace {

constexpr AddCommand commands[] = {
    add_audit_command,   add_checks_command,   add_completions_command, add_diff_command,
    add_explain_command, add_manual_command,   add_pressure_command,    add_recheck_command,
    add_rewrite_command, add_snapshot_command, add_unload_command,      add_verify_command,
    add_version_command,
};

// CLI11 says of a misspelt command only that one is missing.
bool refuse_unknown_command(const CLI::App& app, const std::vector<std::string>& arguments,
                            std::ostream& err) {
  if (arguments.empty() || arguments.front().starts_with('-')) return false;
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

}  // namespace

ExitStatus run(const std::vector<std::string>& arguments, const Surroundings& surroundings) {
  CLI::App app("Does this firewall need connection tracking?", "untrack");
  app.set_version_flag("--version", "untrack " UNTRACK_VERSION);
  app.require_subcommand(1);
  Action chosen;
  for (const AddCommand add : commands) add(app, &chosen);
  if (refuse_unknown_command(app, arguments, surroundings.err)) return ExitStatus::bad_usage;
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants it
    app.parse(std::move(reversed));
  } catch (const CLI::Success& asked) {
    app.exit(asked, surroundings.out, surroundings.err);
    return ExitStatus::clean;
  } catch (const CLI::ParseError& error) {
    app.exit(error, surroundings.out, surroundings.err);
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
