// What of a ruleset gives entries an extension block: to all, as soon as the rule is loaded
// (connbytes switches accounting on), or to those that the rule matches (MASQUERADE, a helper).
// Used by `untrack pressure`, which counts the block then. Presence decides for the first kind. Of
// the second nobody knows the share of entries before they come, so that it is never called small.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "analysis/pressure/entry_extension.hpp"
#include "model/ruleset.hpp"

namespace untrack {

enum class EntriesReached : std::uint8_t { all, matched };

struct ExtensionRuleRow {
  std::string_view construct;  // its name in the catalog
  std::string_view detail;     // iptables: the option; nft: the last word of the key; empty: any
  EntryExtension extension;
  EntriesReached reached;
  KernelVersion before;  // 0: kernels of all versions
  std::string_view evidence;
};
[[nodiscard]] std::span<const ExtensionRuleRow> extension_rule_rows();

struct ExtensionRules {
  ExtensionSet of_all, of_matched;
  bool translates = false;           // a rule of NAT of any kind is there
  std::string all_why, matched_why;  // "MASQUERADE in 2 rules"; empty: no such rule
};

// `kernel`: the target's; none: the newest.
[[nodiscard]] ExtensionRules find_extension_rules(const Ruleset& ruleset,
                                                  const std::optional<KernelVersion>& kernel);

}  // namespace untrack
