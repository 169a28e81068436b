#include <algorithm>
#include <memory>
#include <ostream>

#include "app/command_options.hpp"
#include "app/manual_page.hpp"
#include "app/version.hpp"
#include "report/terminal.hpp"

namespace untrack {

void add_manual_command(CLI::App& app, Action* chosen) {
  CommandOptions command(app, "manual",
                         "Print the manual page of a command, for man -l -; packages install them");
  auto wanted = std::make_shared<std::vector<std::string>>();
  command.arguments("COMMAND", *wanted, "A command of untrack", true);
  command.run(chosen, [wanted, &app](const Surroundings& surroundings) {
    if (wanted->size() != 1) {
      surroundings.err << "untrack manual: one command is needed; " << wanted->size() << " given\n";
      return ExitStatus::bad_usage;
    }
    const std::vector<CommandRow> table = option_table(app);
    const auto row = std::ranges::find(table, wanted->front(), &CommandRow::name);
    if (row == table.end()) {
      surroundings.err << "untrack manual: no command \"" << escape_control(wanted->front())
                       << "\"; untrack --help lists them\n";
      return ExitStatus::bad_usage;
    }
    surroundings.out << write_manual_page(*row, UNTRACK_VERSION);
    return ExitStatus::clean;
  });
}

}  // namespace untrack
