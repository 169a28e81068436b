// ConfigOptions: which configuration file a command was told to read, and what was in it that is no
// option of its own.
#pragma once

#include <string>
#include <vector>

#include "app/config/check_settings.hpp"
#include "app/config/find_config.hpp"
#include "report/terminal.hpp"

namespace untrack {

struct ConfigOptions {
  ConfigUse use = {};
  bool show = false;
  ConfigFile file = {};       // with a path, if there is one
  bool gave_options = false;  // a value of the file counts for the command
  std::vector<CheckSetting> checks = {};
  std::vector<HostInputs> hosts = {};
};

// The line that a text report ends with; empty: there is no such file, or nothing of it counts for
// the command. Of `audit`, whose checks and hosts it may speak of, it always counts.
[[nodiscard]] std::string config_line(const ConfigOptions& config, const Display& display);

}  // namespace untrack
