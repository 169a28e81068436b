// Deeds: what a target does to entries of conntrack, or to packets, as words; and whether two of
// them, of two rulesets, do the same. Used by the obligations, the recheck of certificates and
// `diff`. Words may differ where the meaning does not, so that there are three answers.
#pragma once

#include <cstdint>
#include <string>

#include "model/ruleset.hpp"

namespace untrack {

enum class Likeness : std::uint8_t {
  different,  // for certain
  perhaps,    // spelled otherwise, or a map or an object that was declared otherwise
  same,
};

// A target that does something to packets that pass, or to what conntrack keeps of them: it
// translates, marks, changes or copies. NOTRACK and proxies are told elsewhere.
[[nodiscard]] bool is_deed(const Construct& construct);

// "DNAT --to-destination 192.0.2.1"; of nft its own words.
[[nodiscard]] std::string deed_text(const Ruleset& ruleset, const Construct& construct);

// Of two targets, each with what else its rule asks of entries.
[[nodiscard]] Likeness compare_deeds(const Ruleset& before, ConstructId old_one,
                                     const Ruleset& after, ConstructId new_one);

// A target that works ahead of connection tracking alone, on what has no entry yet: CT, ct zone
// set.
[[nodiscard]] bool gives_template(const Ruleset& ruleset, ConstructId construct);

}  // namespace untrack
