// RulesOptions: how the rulesets that a command names are to be read, and the reading of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/cli.hpp"
#include "app/read_inputs.hpp"
#include "parser/parse.hpp"

namespace untrack {

struct RulesOptions {
  std::string family;  // "ipv4", "ipv6" or ""
  std::string format;  // a word of format_of, or ""
  IncludeSettings include = {};

  [[nodiscard]] std::optional<IpVersion> ip_version() const;
};

// One host's rulesets. nullopt, with the reasons on standard error, if one of them cannot be read:
// a verdict without one of the files that were named could be a wrong "safe".
[[nodiscard]] std::optional<InputTexts> read_rules(const std::vector<std::string>& names,
                                                   const RulesOptions& options,
                                                   const Surroundings& surroundings);
// The same for a word as read_host takes it.
[[nodiscard]] std::optional<InputTexts> read_rules_of_host(const std::string& word,
                                                           const RulesOptions& options,
                                                           const Surroundings& surroundings);

}  // namespace untrack
