// OptionTable: the commands and options of the program as values, read off the parser that reads
// the command line and prints --help, so that nothing else can be said of them. Used by the
// completions of shells and the manual pages of commands.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace untrack {

struct OptionRow {
  std::vector<std::string> names;  // with their dashes: "-o", "--to"
  std::string type;                // what stands for the value in the help; empty: a flag
  std::string help;
  bool is_repeated = false;
};

struct CommandRow {
  std::string name;
  std::string summary;
  std::string arguments;  // "RULES", "OLD NEW"; empty: none
  std::string arguments_help;
  bool are_arguments_required = false;
  std::vector<OptionRow> options;
  std::string footer;
};

// In the order of --help.
[[nodiscard]] std::vector<CommandRow> option_table(const CLI::App& app);

}  // namespace untrack
