#include "app/command_options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>
#include <utility>

#include "app/config/apply_config.hpp"
#include "app/pipeline/audit.hpp"
#include "model/kernel_version.hpp"
#include "report/diagnostic.hpp"
#include "report/terminal.hpp"

namespace untrack {
namespace {

std::vector<std::string> split(std::string_view words) {
  std::vector<std::string> all;
  while (true) {
    const std::size_t bar = words.find('|');
    all.emplace_back(words.substr(0, bar));
    if (bar == std::string_view::npos) return all;
    words.remove_prefix(bar + 1);
  }
}

std::string names_of_formats() {
  std::vector<std::string_view> names;
  for (const Format format : nameable_formats()) names.push_back(to_text(format));
  return fmt::format("{}", fmt::join(names, ", "));
}

void show_config(const CLI::App& command, const ConfigOptions& config,
                 const std::vector<EffectiveValue>& values, std::ostream& out) {
  std::string text = config.file.path.empty()
                         ? std::string("# no configuration file\n")
                         : fmt::format("# {}\n", escape_control(config.file.path));
  std::size_t width = 0;
  std::vector<std::string> lines;
  for (const EffectiveValue& value : values) {
    // As it stands, an empty text would be a value.
    const bool is_set = value.value != "\"\"" || value.from != "default";
    lines.push_back(escape_control(is_set ? fmt::format("{} = {}", value.key, value.value)
                                          : fmt::format("# {} is not set", value.key)));
    width = std::max(width, lines.back().size());
  }
  text += fmt::format("[{}]\n", command.get_name());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    text += lines[i].starts_with('#')
                ? lines[i] + "\n"
                : fmt::format("{:{}}  # {}\n", lines[i], width, escape_control(values[i].from));
  }
  if (!config.checks.empty()) text += "\n[checks]\n";
  for (const CheckSetting& each : config.checks) {
    text += fmt::format("{} = \"{}\"  # {}\n", each.check->code,
                        each.severity ? to_text(*each.severity) : std::string_view("off"),
                        escape_control(each.place));
  }
  for (const HostInputs& host : config.hosts) {
    const auto list = [](const std::vector<std::string>& words) {
      std::vector<std::string> texts;
      texts.reserve(words.size());
      for (const std::string& word : words) texts.push_back(toml_text(word));
      return escape_control(fmt::format("[{}]", fmt::join(texts, ", ")));
    };
    text += fmt::format("\n[[host]]\nname = {}\nrules = {}\n", escape_control(toml_text(host.name)),
                        list(host.names));
    if (!host.kernel.empty())
      text += fmt::format("kernel = {}\n", escape_control(toml_text(host.kernel)));
    if (!host.sysctl.empty()) text += fmt::format("sysctl = {}\n", list(host.sysctl));
  }
  out << text;
}

// What ends the command before its action.
std::optional<ExitStatus> configure(CLI::App& command, ConfigOptions& config,
                                    const std::vector<std::string>& names,
                                    const Surroundings& surroundings) {
  std::optional<ConfigFile> file = find_config(config.use, names, surroundings);
  if (!file) return ExitStatus::bad_usage;
  config.file = std::move(*file);
  std::vector<Problem> problems;
  const std::vector<EffectiveValue> values = apply_config(config.file, command, problems);
  config.checks = read_check_settings(config.file, problems);
  config.hosts = read_host_settings(config.file, problems);
  std::ranges::stable_sort(problems, {}, &Problem::span);
  for (const Problem& problem : problems) {
    surroundings.err << render_problem(config.file.sources, problem, Display{});
  }
  if (!problems.empty()) return ExitStatus::bad_usage;
  config.gave_options =
      command.get_name() == "audit" ||
      std::ranges::any_of(values, [](const EffectiveValue& value) { return value.is_from_file; });
  if (!config.show) return std::nullopt;
  show_config(command, config, values, surroundings.out);
  return ExitStatus::clean;
}

}  // namespace

CommandOptions::CommandOptions(CLI::App& app, const char* name, const char* summary)
    : command_(*app.add_subcommand(name, summary)) {}

void CommandOptions::arguments(const char* name, std::vector<std::string>& into, const char* help,
                               bool is_required) {
  command_.add_option(name, into, help)->required(is_required);
  if (is_required) required_ = name;
  names_ = &into;
}

void CommandOptions::text(const char* name, std::string& into, const char* help, const char* type) {
  command_.add_option(name, into, help)->type_name(type);
}

void CommandOptions::text(const char* name, std::optional<std::string>& into, const char* help,
                          const char* type) {
  command_.add_option(name, into, help)->type_name(type);
}

void CommandOptions::repeated(const char* name, std::vector<std::string>& into, const char* help,
                              const char* type) {
  command_.add_option(name, into, help)->allow_extra_args(false)->type_name(type);
}

void CommandOptions::choice(const char* name, std::string& into, const char* help,
                            const char* words) {
  command_.add_option(name, into, help)
      ->check([all = split(words)](const std::string& word) {
        if (std::ranges::find(all, word) != all.end()) return std::string();
        return fmt::format("\"{}\" is none of {}", escape_control(word), fmt::join(all, ", "));
      })
      ->type_name(words);
}

void CommandOptions::flag(const char* name, bool& into, const char* help) {
  command_.add_flag(name, into, help);
}

void CommandOptions::number(const char* name, std::optional<int>& into, const char* help,
                            const char* type, int least, int most) {
  command_.add_option(name, into, help)->check(CLI::Range(least, most))->type_name(type);
}

void CommandOptions::exclude(const char* one, const char* other) {
  command_.get_option(one)->excludes(command_.get_option(other));
}

void CommandOptions::kernel(std::string& into, const char* help) {
  command_.add_option("--kernel", into, help)
      ->check([](const std::string& word) {
        if (parse_kernel_version(word)) return std::string();
        return fmt::format(
            "not a kernel version: \"{}\"; expected what uname -r prints, as in 6.1.0-18-amd64",
            escape_control(word));
      })
      ->type_name("VERSION");
}

void CommandOptions::live(RulesOptions& into) {
  CLI::Option* live =
      command_.add_flag("--live", into.live, "Read the rules of the running kernel (needs root)");
  command_
      .add_option(
          "--netns", into.netns,
          "With --live, those of another network namespace: a name of ip netns, the id of a "
          "process in it, or a path")
      ->type_name("NAME|PID")
      ->needs(live);
  is_live_ = &into.live;
  if (required_ != nullptr) command_.get_option(required_)->required(false);
}

void CommandOptions::rules(RulesOptions& into) {
  live(into);
  choice("--family", into.family,
         "Address family of rules that do not say it (else guessed, and told)", "ipv4|ipv6");
  command_
      .add_option("--format", into.format,
                  "Format of the rules (else recognised): " + names_of_formats())
      ->check([](const std::string& word) {
        return format_of(word) ? std::string()
                               : fmt::format("unknown format {}; expected {}", escape_control(word),
                                             names_of_formats());
      })
      ->type_name("FORMAT");
  repeated(
      "--include-path", into.include.directories,
      "Where nft's `include` looks for files, and what it may read from, besides the directory "
      "of the file that names them (may be repeated)",
      "DIR");
  text("--include-root", into.include.root,
       "What / stands for in the names of included files: a copy of a host's files", "DIR");
  exclude("--live", "--family");
  exclude("--live", "--format");
}

void CommandOptions::fail_on(std::string& into) {
  choice("--fail-on", into, "Lowest severity that makes the exit status 1 (default error)",
         "error|warning|note");
}

void CommandOptions::outputs(std::vector<std::string>& into,
                             const std::vector<std::string_view>& forms) {
  repeated("--output", into,
           "Form of the report, to standard output (default text) or to a file; may be repeated",
           fmt::format("{}[=FILE]", fmt::join(forms, "|")).c_str());
}

void CommandOptions::output(std::string& into) {
  choice("--output", into, "Form of the report (default text)", "text|json");
}

void CommandOptions::display(DisplayOptions& into, bool has_other_form) {
  choice("--color", into.colour,
         has_other_form ? "Colour in text (default auto)" : "Colour (default auto)",
         "auto|always|never");
  command_
      .add_option("--width", into.width,
                  has_other_form ? "Columns of text (default: the terminal's, else 100)"
                                 : "Columns (default: the terminal's, else 100)")
      ->check(CLI::Range(40, 1000))
      ->type_name("COLUMNS");
}

void CommandOptions::configuration(ConfigOptions& into, bool has_hosts) {
  text("--config", into.use.path,
       "Configuration file (default: untrack.toml or .untrack.toml, in the directory of RULES or "
       "above it)",
       "FILE");
  flag("--no-config", into.use.none, "Read no configuration file");
  flag("--show-config", into.show,
       "Print the configuration, each value with where it is from, and do nothing");
  exclude("--config", "--no-config");
  config_ = &into;
  if (has_hosts && required_ != nullptr) {
    command_.get_option(required_)->required(false);
    required_ = nullptr;
  }
}

void CommandOptions::footer(const char* text) { command_.footer(text); }

void CommandOptions::run(Action* chosen, Action action) {
  const auto is_left_out = [command = &command_, required = required_, live = is_live_] {
    return required != nullptr && live != nullptr && !*live &&
           command->get_option(required)->count() == 0;
  };
  if (config_ != nullptr) {
    action = [command = &command_, config = config_, names = names_,
              action = std::move(action)](const Surroundings& surroundings) {
      const std::optional<ExitStatus> ended = configure(
          *command, *config, names == nullptr ? std::vector<std::string>() : *names, surroundings);
      return ended ? *ended : action(surroundings);
    };
  }
  command_.callback([chosen, is_left_out, required = required_, action = std::move(action)] {
    if (is_left_out()) {
      throw CLI::RequiredError(fmt::format("{} is required: {}", required, where_rules_come_from),
                               CLI::ExitCodes::RequiredError);
    }
    *chosen = action;
  });
}

}  // namespace untrack
