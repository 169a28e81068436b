// Ignores: what comments of a ruleset say of findings that its owner knows of and wants: of which
// checks, why, and about which lines. Used by the pipeline of `audit`, which marks such findings,
// and by the checks that report ignores without use (UT104) and ignores that say too little
// (UT105).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/finding.hpp"
#include "model/ruleset.hpp"
#include "model/source_text.hpp"

namespace untrack {

// `# untrack: ignore UT301 REASON` above a rule or behind it, `untrack: ignore[UT301] REASON` in
// the comment of a rule, which survives a save and a reload; `ignore-file` is about the whole text.
struct Ignore {
  Span span;                             // from "untrack:" on
  Span about;                            // findings that begin in it are meant
  std::vector<const CheckInfo*> checks;  // at least one
  std::string_view reason;               // as it is written; never empty
  bool is_of_file = false;
};

// One that is none: it silences nothing.
struct IgnoreFault {
  Span span;
  std::string message;
  std::string label;
};

struct Ignores {
  std::vector<Ignore> list;  // in the order of the text
  std::vector<IgnoreFault> faults;
};

// `ruleset` must be resolved. Costs nothing for texts in which "untrack:" does not occur.
[[nodiscard]] Ignores find_ignores(const Ruleset& ruleset, const Sources& sources);

// What says where an audit is blind (UT9xx), what no loader takes (UT101), and what is said of
// ignores themselves cannot be silenced by the text that it is about.
[[nodiscard]] bool may_be_ignored(const CheckInfo& check);

// For each finding the index of the ignore that is about it.
[[nodiscard]] std::vector<std::optional<std::size_t>> match_ignores(
    const Ignores& ignores, const std::vector<Finding>& findings);

}  // namespace untrack
