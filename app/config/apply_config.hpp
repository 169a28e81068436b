// apply_config: gives the options of one command that its command line leaves out the values of a
// configuration file. Used by CommandOptions alone.
#pragma once

#include <string>
#include <vector>

#include "app/config/config_file.hpp"

namespace CLI {
class App;
}

namespace untrack {

// A value and where it is from, for --show-config.
struct EffectiveValue {
  std::string key;
  std::string value;  // as TOML
  std::string from;   // "untrack.toml:3", "command line" or "default"
  bool is_from_file = false;
};

// What stands on the command line wins, and takes away what it excludes. Every table and key of the
// file is looked at, those of other commands too; only the values for `command` are. Appends to
// `problems`.
[[nodiscard]] std::vector<EffectiveValue> apply_config(const ConfigFile& file, CLI::App& command,
                                                       std::vector<Problem>& problems);

// A text of TOML, on one line.
[[nodiscard]] std::string toml_text(std::string_view text);

}  // namespace untrack
