// OptionGroup: options of one extension of which one is needed, or at most one may stand. Read by
// check_extension.
#pragma once

#include <span>
#include <string_view>

#include "model/catalog/xtables_extensions.hpp"

namespace untrack::iptables {

struct OptionGroup {
  catalog::ExtensionKind kind{};
  std::string_view extension;
  std::string_view options;   // separated by a blank; empty: any option
  bool is_needed = false;     // at least one of them
  bool is_exclusive = false;  // at most one of them
};

// The groups of a row; `row` must be one of catalog::extensions(). O(1).
[[nodiscard]] std::span<const OptionGroup> option_groups(const catalog::Extension& row);

}  // namespace untrack::iptables
