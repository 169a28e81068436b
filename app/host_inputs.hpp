// HostInputs: which files are one host's, and what is known of that host alone. Made from the words
// of a command line or the tables of a configuration file.
#pragma once

#include <string>
#include <vector>

namespace untrack {

struct HostInputs {
  std::string name;                      // empty: the only one
  std::vector<std::string> names;        // as read_inputs takes them
  bool is_matched = false;               // by a pattern: what is no ruleset is skipped
  std::string kernel;                    // instead of the option; empty: that
  std::vector<std::string> sysctl = {};  // besides the option
};

}  // namespace untrack
