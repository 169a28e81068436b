// config_keys: which options of which command a configuration file may set, one row each. Read by
// who applies a file, by --show-config and by docs/linting.md's test.
#pragma once

#include <span>
#include <string_view>

namespace untrack {

enum class ConfigUseOf : std::uint8_t {
  word,
  path,    // relative to the directory of the file
  output,  // a form; with a file behind it only in a file that was named with --config
};

// Nothing here writes, runs or asks for the kernel: a file that comes with rulesets must not.
struct ConfigRow {
  std::string_view command;
  std::string_view key;  // the option without its dashes
  ConfigUseOf use{};
  // Says what the target is. With --live that is the running host, and the key does not count.
  bool is_of_target = false;
};

[[nodiscard]] std::span<const ConfigRow> config_rows();
// nullptr: the command has no such key.
[[nodiscard]] const ConfigRow* find_config_row(std::string_view command, std::string_view key);

}  // namespace untrack
