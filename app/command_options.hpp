// CommandOptions: declares the options of one subcommand. What several commands have in common is
// written here once. The only face of CLI11 that the commands see: its headers cost seconds in
// every source that includes them.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/command.hpp"
#include "app/config/config_options.hpp"
#include "app/display.hpp"
#include "app/rules_options.hpp"

namespace untrack {

// Said where a command that needs rules is given none.
inline constexpr std::string_view where_rules_come_from =
    "files with what iptables-save or `nft list ruleset` prints, - for standard input, or --live";

// The texts that options are read into must outlive the parsing of the command line.
class CommandOptions {
 public:
  CommandOptions(CLI::App& app, const char* name, const char* summary);

  // Words without an option in front.
  void arguments(const char* name, std::vector<std::string>& into, const char* help,
                 bool is_required = false);
  // `type`: what stands for the value in the help.
  void text(const char* name, std::string& into, const char* help, const char* type);
  void text(const char* name, std::optional<std::string>& into, const char* help, const char* type);
  // May be repeated, with one value each time.
  void repeated(const char* name, std::vector<std::string>& into, const char* help,
                const char* type);
  // `words`: what it may be, as in "text|json".
  void choice(const char* name, std::string& into, const char* help, const char* words);
  void flag(const char* name, bool& into, const char* help);
  void number(const char* name, std::optional<int>& into, const char* help, const char* type,
              int least, int most);
  // The two options cannot stand together.
  void exclude(const char* one, const char* other);

  // --kernel, checked to be a kernel version.
  void kernel(std::string& into, const char* help);
  // --family, --format, --include-path, --include-root, and what `live` declares.
  void rules(RulesOptions& into);
  // --live and --netns, in place of arguments that are required without them.
  void live(RulesOptions& into);
  // --fail-on.
  void fail_on(std::string& into);
  // --output.
  void output(std::string& into);
  // --output FORM[=FILE], repeated (app/outputs.hpp).
  void outputs(std::vector<std::string>& into, const std::vector<std::string_view>& forms);
  // --color and --width. `has_other_form`: beside text, to which alone they apply.
  void display(DisplayOptions& into, bool has_other_form = true);

  // --config, --no-config and --show-config: what the command line leaves out may come from a
  // configuration file (app/config/config_keys.hpp), which is in `into` when the action is called.
  // `has_hosts`: it may name the rulesets, too, and the action asks for them.
  void configuration(ConfigOptions& into, bool has_hosts = false);

  void footer(const char* text);
  // What `*chosen` becomes if the user calls this command.
  void run(Action* chosen, Action action);

 private:
  CLI::App& command_;
  const char* required_ = nullptr;  // arguments
  const bool* is_live_ = nullptr;
  const std::vector<std::string>* names_ = nullptr;
  ConfigOptions* config_ = nullptr;
};

}  // namespace untrack
