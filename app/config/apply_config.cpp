#include "app/config/apply_config.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <set>
#include <utility>

#include "app/config/check_settings.hpp"
#include "app/config/config_keys.hpp"
#include "model/spelling.hpp"

namespace untrack {
namespace {

using Kind = ConfigValue::Kind;

std::string meant_or(std::string_view meant, std::string otherwise) {
  return meant.empty() ? std::move(otherwise) : fmt::format("did you mean {}?", meant);
}

bool is_command(std::string_view name) {
  return std::ranges::find(config_rows(), name, &ConfigRow::command) != config_rows().end();
}

std::set<std::string_view> commands_with_keys() {
  std::set<std::string_view> commands;
  for (const ConfigRow& row : config_rows()) commands.insert(row.command);
  return commands;
}

void check_table(const ConfigTable& table, std::vector<Problem>& problems) {
  if (table.name.empty()) {
    for (const ConfigKey& key : table.keys) {
      std::set<std::string> places;
      for (const ConfigRow& row : config_rows()) {
        if (row.key == key.name) places.insert(fmt::format("[{}]", row.command));
      }
      refuse(problems, key.span, fmt::format("a key outside of a table: \"{}\"", key.name),
             places.empty() ? std::string("no command has such an option")
                            : fmt::format("belongs below {}", fmt::join(places, ", ")));
    }
    return;
  }
  const bool is_host = table.name == "host";
  if (!is_host && table.name != "checks" && !is_command(table.name)) {
    Nearest meant(table.name);
    for (const ConfigRow& row : config_rows()) meant.offer(row.command);
    meant.offer("checks");
    meant.offer("host");
    refuse(problems, table.span, fmt::format("no table of that name: \"{}\"", table.name),
           meant_or(meant.best(), fmt::format("[{}], [checks] or [[host]]",
                                              fmt::join(commands_with_keys(), "], ["))));
  } else if (table.is_one_of_many != is_host) {
    refuse(problems, table.span, fmt::format("\"{}\" in the wrong brackets", table.name),
           is_host ? "[[host]], once for each" : fmt::format("[{}]", table.name));
  } else if (is_command(table.name)) {
    for (const ConfigKey& key : table.keys) {
      if (find_config_row(table.name, key.name) != nullptr) continue;
      Nearest meant(key.name);
      std::vector<std::string_view> known;
      for (const ConfigRow& row : config_rows()) {
        if (row.command != table.name) continue;
        meant.offer(row.key);
        known.push_back(row.key);
      }
      refuse(problems, key.span, fmt::format("no key of [{}]: \"{}\"", table.name, key.name),
             meant_or(meant.best(), "unknown"),
             fmt::format("Its keys: {}.", fmt::join(known, ", ")));
    }
  }
}

// A value as the words of an option; empty with a problem if it is of another kind.
std::vector<std::string> words_of(const ConfigFile& file, const ConfigRow& row,
                                  const ConfigKey& key, const CLI::Option& option,
                                  std::vector<Problem>& problems) {
  const ConfigValue& value = key.value;
  const bool is_flag = option.get_items_expected_max() == 0;
  const bool takes_many = option.get_items_expected_max() > 1;
  const bool fits = is_flag ? value.kind == Kind::boolean
                            : value.kind == Kind::text || value.kind == Kind::number ||
                                  (takes_many && value.kind == Kind::list);
  if (!fits) {
    refuse(problems, value.span, fmt::format("{} is {}", key.name, to_text(value.kind)),
           is_flag      ? "true or false"
           : takes_many ? "a text or a list of texts"
                        : "a text");
    return {};
  }
  if (is_flag && value.words.front() == "false") return {};
  std::vector<std::string> words;
  for (const std::string& word : value.words) {
    if (row.use != ConfigUseOf::word && word == "-") {
      refuse(problems, value.span, "standard input in a configuration file", "a path");
      return {};
    }
    if (row.use == ConfigUseOf::path) {
      words.push_back(path_from(file, word));
      continue;
    }
    const std::size_t sign = word.find('=');
    if (row.use == ConfigUseOf::output && sign != std::string::npos) {
      if (!file.is_named) {
        refuse(problems, value.span, "a file to write, in a configuration that was found",
               "a form alone",
               "A file that comes with rulesets must not write: name it with --config, or the "
               "output on the command line.");
        return {};
      }
      words.push_back(word.substr(0, sign + 1) + path_from(file, word.substr(sign + 1)));
      continue;
    }
    words.push_back(word);
  }
  return words;
}

std::string as_toml(const CLI::Option& option, const std::vector<std::string>& words) {
  if (option.get_items_expected_max() == 0) return "true";
  if (option.get_items_expected_max() > 1) {
    std::vector<std::string> texts;
    texts.reserve(words.size());
    for (const std::string& word : words) texts.push_back(toml_text(word));
    return fmt::format("[{}]", fmt::join(texts, ", "));
  }
  return words.empty() ? std::string("\"\"") : toml_text(words.front());
}

std::string default_of(CLI::Option& option) {
  if (option.get_items_expected_max() == 0) return "false";
  if (option.get_items_expected_max() > 1) return "[]";
  option.capture_default_str();
  return toml_text(option.get_default_str());
}

// The target is the running host, which no file speaks of.
bool is_live(const CLI::App& command) {
  const CLI::Option* live = command.get_option_no_throw("--live");
  return live != nullptr && live->count() > 0;
}

bool is_excluded(const CLI::Option& option) {
  return std::ranges::any_of(option.get_excludes(),
                             [](const CLI::Option* other) { return other->count() > 0; });
}

}  // namespace

std::string toml_text(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += fmt::format("\\u{:04x}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

std::vector<EffectiveValue> apply_config(const ConfigFile& file, CLI::App& command,
                                         std::vector<Problem>& problems) {
  for (const ConfigTable& table : file.tables) check_table(table, problems);
  std::vector<EffectiveValue> values;
  for (const ConfigRow& row : config_rows()) {
    if (row.command != command.get_name()) continue;
    CLI::Option& option = *command.get_option(fmt::format("--{}", row.key));
    EffectiveValue effective{std::string(row.key), {}, "default", false};
    if (option.count() > 0) {
      effective.from = "command line";
      effective.value = as_toml(option, option.results());
    } else if (row.is_of_target && is_live(command)) {
      effective.value = default_of(option);
    } else {
      effective.value = default_of(option);
      for (const ConfigTable& table : file.tables) {
        if (table.name != row.command || table.is_one_of_many) continue;
        for (const ConfigKey& key : table.keys) {
          if (key.name != row.key || is_excluded(option)) continue;
          const std::vector<std::string> words = words_of(file, row, key, option, problems);
          effective.from = place_in(file, key.span);
          effective.is_from_file = true;
          if (words.empty()) continue;
          try {
            option.add_result(words);
            option.run_callback();
            effective.value = as_toml(option, words);
          } catch (const CLI::ParseError& error) {
            refuse(problems, key.value.span, fmt::format("no value for {}", key.name),
                   error.what());
          }
        }
      }
    }
    values.push_back(std::move(effective));
  }
  return values;
}

}  // namespace untrack
