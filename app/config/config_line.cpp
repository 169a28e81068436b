#include <fmt/format.h>

#include "app/config/config_options.hpp"

namespace untrack {

std::string config_line(const ConfigOptions& config, const Display& display) {
  if (config.file.path.empty() || !config.gave_options) return {};
  return wrap(fmt::format("Configuration: {} (--show-config prints it).", config.file.path), "",
              "  ", display);
}

}  // namespace untrack
