// Rules at the end of a table, and the table itself where there is none yet: in a file that
// iptables-restore reads, and among commands. Used by the rewrites.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/ruleset.hpp"
#include "rewriter/edit.hpp"

namespace untrack {

// `lines`: whole lines, comments and rules ("-A ..."). A table that is not there yet is `raw` or
// `mangle`, and `lines` are for its built-in chains; it stands in front of the filter table, or,
// where that has no place in the text, of the first table with rules. Among commands it is emptied
// first if they empty the filter table.
[[nodiscard]] Edit added_to_table(const Ruleset& ruleset, const Sources& sources, IpVersion version,
                                  std::string_view table, std::string_view lines);

// A chain of the table that `lines` fill, declared in front of all that may jump to it.
[[nodiscard]] std::vector<Edit> added_chains(const Ruleset& ruleset, const Sources& sources,
                                             TableId table, const std::vector<std::string>& names,
                                             const std::string& lines, RuleId first_jump);

// Names of the tables of a version that a rewrite added.
[[nodiscard]] std::vector<std::string> new_tables(const Ruleset& original, const Ruleset& rewritten,
                                                  IpVersion version);

}  // namespace untrack
