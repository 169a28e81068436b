// AuditOptions: what `untrack audit` was asked for, on the command line and in a configuration.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/finding.hpp"
#include "app/config/config_options.hpp"
#include "app/display.hpp"
#include "app/files/older_tree.hpp"
#include "app/rules_options.hpp"
#include "report/baseline.hpp"

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
  bool quiet = false;
  bool no_ignores = false;  // comments of the rulesets silence nothing
  bool verbose = false;
  bool hosts = false;       // each of `rules` is one
  bool only_table = false;  // in text, of many hosts
  std::optional<int> jobs;
  ConfigOptions config;
  std::string since;                            // --changed-since
  std::shared_ptr<const OlderTree> older = {};  // what that is
  std::string baseline;
  std::string write_baseline;
  std::shared_ptr<const Baseline> known = {};  // what `baseline` holds
};

// Of a word of --fail-on.
[[nodiscard]] Severity severity_of(const std::string& word);

}  // namespace untrack
