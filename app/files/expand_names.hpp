// expand_names: patterns among the names of rulesets become the names that match them, for those
// who quote them, for configuration files, and for shells that cannot. Used by `audit`.
#pragma once

#include <string>
#include <vector>

namespace untrack {

struct ExpandedName {
  std::string name;
  bool is_matched = false;  // found by a pattern, not named by anyone
};

// A name with `*`, `?` or `[` that is no file becomes what glob(7) finds, in the order of bytes;
// without a match it stays, and whoever reads it says that it is not there.
[[nodiscard]] std::vector<ExpandedName> expand_names(const std::vector<std::string>& names);

}  // namespace untrack
