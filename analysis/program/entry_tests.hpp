// Matches that look at more of the entry of a packet's connection than its state, and what they say
// of a packet that has none: conntrack found it INVALID, or NOTRACK left it alone. Used by whatever
// encodes or walks rules, by the obligations and by the recheck of certificates.
#pragma once

#include <optional>

#include "model/ruleset.hpp"

namespace untrack {

[[nodiscard]] bool asks_of_entry(const Ruleset& ruleset, const Construct& construct);

[[nodiscard]] inline bool has_entry(CtState state) {
  return state != CtState::invalid && state != CtState::untracked;
}

// What the part says, its negation included, of a packet without an entry behind conntrack;
// nothing: it is no such match, or what it says then is not known. Ahead of conntrack a template
// may stand in for the entry.
[[nodiscard]] std::optional<bool> without_entry(const Ruleset& ruleset, const RulePart& part);

}  // namespace untrack
