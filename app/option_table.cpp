#include "app/option_table.hpp"

#include <CLI/CLI.hpp>
#include <string_view>

namespace untrack {
namespace {

// CLI11 appends what it checks of a value: "COLUMNS:INT in [40 - 1000]", "ipv4|ipv6:{ipv4,ipv6}".
std::string without_checks(std::string type) {
  for (const std::string_view check : {":{", ":INT in", ":NUMBER in"}) {
    type.resize(std::min(type.find(check), type.size()));
  }
  return type;
}

OptionRow row_of(const CLI::Option& option) {
  OptionRow row;
  for (const std::string& name : option.get_snames()) row.names.push_back("-" + name);
  for (const std::string& name : option.get_lnames()) row.names.push_back("--" + name);
  if (option.get_expected_max() > 0) row.type = without_checks(option.get_type_name());
  row.help = option.get_description();
  row.is_repeated = option.get_expected_max() > 1;
  return row;
}

}  // namespace

std::vector<CommandRow> option_table(const CLI::App& app) {
  std::vector<CommandRow> table;
  for (const CLI::App* const command : app.get_subcommands({})) {
    CommandRow row;
    row.name = command->get_name();
    row.summary = command->get_description();
    row.footer = command->get_footer();
    for (const CLI::Option* const option : command->get_options()) {
      if (option->get_positional()) {
        row.arguments = option->get_name(true);
        row.arguments_help = option->get_description();
        row.are_arguments_required = option->get_required();
      } else {
        row.options.push_back(row_of(*option));
      }
    }
    table.push_back(std::move(row));
  }
  return table;
}

}  // namespace untrack
