// RulesOptions: how the rulesets that a command names are to be read, the running kernel's among
// them, and the reading of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/cli.hpp"
#include "app/files/read_inputs.hpp"
#include "model/kernel_version.hpp"
#include "model/ruleset.hpp"
#include "parser/parse.hpp"

namespace untrack {

// What --live reads besides the rules of the running kernel.
enum class LiveFacts : std::uint8_t {
  none,
  host,              // what a snapshot holds: settings, addresses, modules, other users
  host_and_entries,  // and the conntrack table
};

struct RulesOptions {
  std::string family;  // "ipv4", "ipv6" or ""
  std::string format;  // a word of format_of, or ""
  IncludeSettings include = {};
  bool live = false;  // the running kernel's come before those that are named
  std::string netns;  // of --live; "": where this process is
  LiveFacts facts = LiveFacts::none;

  [[nodiscard]] std::optional<IpVersion> ip_version() const;
};

// One host's rulesets; what cannot be read is in `unreadable`.
[[nodiscard]] InputTexts read_texts(const std::vector<std::string>& names,
                                    const RulesOptions& options, const Surroundings& surroundings);
// The same. nullopt, with the reasons on standard error, if one of them cannot be read:
// a verdict without one of the files that were named could be a wrong "safe".
[[nodiscard]] std::optional<InputTexts> read_rules(const std::vector<std::string>& names,
                                                   const RulesOptions& options,
                                                   const Surroundings& surroundings);
// The rulesets of two hosts, each a word as read_host takes it; with --live the first is the
// running kernel's, and one word is given.
[[nodiscard]] std::optional<std::pair<InputTexts, InputTexts>> read_two_hosts(
    const std::vector<std::string>& words, const RulesOptions& options,
    const Surroundings& surroundings);
[[nodiscard]] bool are_two_hosts(const std::vector<std::string>& words,
                                 const RulesOptions& options);

// The kernel that --kernel names, or else that of a snapshot among the texts.
[[nodiscard]] std::optional<KernelVersion> kernel_of(const std::string& option,
                                                     const InputTexts& texts);
// The ip_local_port_range of a snapshot among the texts, the running kernel's among them.
[[nodiscard]] std::optional<Interval> local_ports_of(const InputTexts& texts);

// Says on standard error what of the running kernel was not there, for commands that do not say it
// in their report.
void tell_not_there(const InputTexts& texts, const Surroundings& surroundings);

}  // namespace untrack
