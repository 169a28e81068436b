// AuditOptions: what `untrack audit` was asked for, on the command line and in a configuration.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/finding.hpp"
#include "app/display.hpp"
#include "app/rules_options.hpp"

namespace untrack {

struct AuditOptions {
  std::vector<std::string> rules;
  RulesOptions input;
  std::string kernel;
  std::string entries;
  std::vector<std::string> sysctl;
  std::vector<std::string> addresses;
  std::string fail_on = "error";
  std::vector<std::string> output;
  DisplayOptions display;
  bool each = false;
  bool hosts = false;       // each of `rules` is one
  bool only_table = false;  // in text, of many hosts
  std::optional<int> jobs;
};

// Of a word of --fail-on.
[[nodiscard]] Severity severity_of(const std::string& word);

// One host to audit, with what is known of it alone.
struct HostInputs {
  std::string name;                      // empty: the only one
  std::vector<std::string> names;        // as read_inputs takes them
  bool is_matched = false;               // by a pattern: what is no ruleset is skipped
  std::string kernel;                    // instead of the option; empty: that
  std::vector<std::string> sysctl = {};  // besides the option
};

}  // namespace untrack
