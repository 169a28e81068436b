// Rules at the end of a table of an iptables-save file, and the table itself where there is none
// yet. Used by the rewrites.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/ruleset.hpp"
#include "rewriter/edit.hpp"

namespace untrack {

// `lines`: whole lines of rules for built-in chains. The table is `raw` or `mangle`; a new one
// stands in front of the filter table, which the ruleset has.
[[nodiscard]] Edit added_to_table(const Ruleset& ruleset, const Sources& sources, IpVersion version,
                                  std::string_view table, std::string_view lines);

// Names of the tables of a version that a rewrite added.
[[nodiscard]] std::vector<std::string> new_tables(const Ruleset& original, const Ruleset& rewritten,
                                                  IpVersion version);

}  // namespace untrack
