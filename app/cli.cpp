#include "app/cli.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <ostream>

#include "app/command.hpp"
#include "app/version.hpp"

namespace untrack {
namespace {

constexpr AddCommand commands[] = {
    add_audit_command,
    add_checks_command,
    add_pressure_command,
    add_unload_command,
    add_version_command,
};

}  // namespace

ExitStatus run(const std::vector<std::string>& arguments, const Surroundings& surroundings) {
  CLI::App app("Does this firewall need connection tracking?", "untrack");
  app.set_version_flag("--version", "untrack " UNTRACK_VERSION);
  app.require_subcommand(1);
  Action chosen;
  for (const AddCommand add : commands) add(app, &chosen);
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
  return chosen(surroundings);
}

}  // namespace untrack
