#include "app/version.hpp"

#include <ostream>

#include "app/command_options.hpp"

namespace untrack {

void add_version_command(CLI::App& app, Action* chosen) {
  CommandOptions(app, "version", "Print the version")
      .run(chosen, [](const Surroundings& surroundings) {
        surroundings.out << "untrack " UNTRACK_VERSION "\n";
        return ExitStatus::clean;
      });
}

}  // namespace untrack
