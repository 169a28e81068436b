#include "app/completions/completions.hpp"

#include <algorithm>
#include <memory>
#include <ostream>

#include "app/command_options.hpp"
#include "report/terminal.hpp"

namespace untrack {

void add_completions_command(CLI::App& app, Action* chosen) {
  CommandOptions command(app, "completions",
                         "Print the completion of the command line for a shell, to be sourced or "
                         "installed");
  auto wanted = std::make_shared<std::vector<std::string>>();
  command.arguments("SHELL", *wanted, "bash, zsh or fish", true);
  command.run(chosen, [wanted, &app](const Surroundings& surroundings) {
    if (wanted->size() != 1) {
      surroundings.err << "untrack completions: one shell is needed; " << wanted->size()
                       << " given\n";
      return ExitStatus::bad_usage;
    }
    const auto shell = std::ranges::find(shells(), wanted->front(), &Shell::name);
    if (shell == shells().end()) {
      surroundings.err << "untrack completions: no completion for \""
                       << escape_control(wanted->front()) << "\"; there are:";
      for (const Shell& each : shells()) surroundings.err << ' ' << each.name;
      surroundings.err << "\n";
      return ExitStatus::bad_usage;
    }
    surroundings.out << shell->write(option_table(app));
    return ExitStatus::clean;
  });
}

}  // namespace untrack
