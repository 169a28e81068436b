// Chains of nft in front of connection tracking, and UNTRACKED beside NEW: what the NOTRACK rewrite
// changes in a text of nft beside the rules of its places.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/ruleset.hpp"
#include "rewriter/edit.hpp"

namespace untrack {

// A rule that untracks, of prerouting or output.
struct RawRule {
  Hook hook{};
  std::string conditions;
  std::vector<std::string> about = {};  // lines for a comment ahead of it and what follows
};

// The table that takes chains at priority raw: that of the rules about the state, so that whatever
// flushes, replaces or deletes those does the same to the new chains. Of any table of the version
// where none is of nft; names nothing where there is none at all.
[[nodiscard]] TableId home_of_raw(const Ruleset& ruleset, IpVersion version);

// In chains of the table that are there, else in new ones. `about`: a comment on the rules; empty:
// what the chains are for is said.
[[nodiscard]] std::vector<Edit> added_raw_rules(const Ruleset& ruleset, const Sources& sources,
                                                TableId table, std::string_view about,
                                                const std::vector<RawRule>& rules);

// What lets a rule that asks for NEW match UNTRACKED, too; nothing where the words do not stand in
// the rule.
[[nodiscard]] std::optional<Edit> nft_with_untracked(const Ruleset& ruleset, const Sources& sources,
                                                     const Rule& rule);

}  // namespace untrack
