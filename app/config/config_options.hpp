// ConfigOptions: which configuration file a command was told to read, and what was in it that is no
// option of its own.
#pragma once

#include <vector>

#include "app/config/check_settings.hpp"
#include "app/config/find_config.hpp"

namespace untrack {

struct ConfigOptions {
  ConfigUse use = {};
  bool show = false;
  ConfigFile file = {};  // with a path, if there is one
  std::vector<CheckSetting> checks = {};
  std::vector<HostInputs> hosts = {};
};

}  // namespace untrack
