#include "app/version.hpp"

#include <CLI/CLI.hpp>
#include <ostream>

#include "app/command.hpp"

namespace untrack {

void add_version_command(CLI::App& app, Action* chosen) {
  CLI::App* command = app.add_subcommand("version", "Print the version");
  command->callback([chosen] {
    *chosen = [](const Surroundings& surroundings) {
      surroundings.out << "untrack " UNTRACK_VERSION "\n";
      return ExitStatus::clean;
    };
  });
}

}  // namespace untrack
