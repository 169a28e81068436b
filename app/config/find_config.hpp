// find_config: which configuration file counts for the rulesets that were named, read. Used by the
// commands that have one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/cli.hpp"
#include "app/config/config_file.hpp"

namespace untrack {

inline constexpr std::string_view config_names[] = {"untrack.toml", ".untrack.toml"};

struct ConfigUse {
  std::string path;   // --config; empty: it is looked for
  bool none = false;  // --no-config
};

// Looks in the directory of each name (of `.`, if there are none, for `-` and for the running
// kernel), and above it, up to the first with a `.git` in it or the root. Nullopt, with the reason
// on standard error: two files are found, one cannot be read, is no TOML, or belongs to somebody
// who is neither the user, root nor the owner of the ruleset: in a directory that all may write to,
// a stranger must not say what an audit says.
[[nodiscard]] std::optional<ConfigFile> find_config(const ConfigUse& use,
                                                    const std::vector<std::string>& names,
                                                    const Surroundings& surroundings);

}  // namespace untrack
