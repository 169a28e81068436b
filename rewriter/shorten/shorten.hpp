// Shorten: what of a rewritten text can be said with fewer rules: a rule that the rewrite wrote and
// that another one covers is left out, and neighbours that differ in their ports alone become one
// with -m multiport. Only rules that the rewrite wrote, or changed, are touched. Found by the words
// of the rules alone; like all of a rewrite, the shorter text has to meet the obligations.
#pragma once

#include <span>
#include <vector>

#include "model/ruleset.hpp"
#include "rewriter/edit.hpp"

namespace untrack {

// A rule that is left out, or neighbours that become one.
struct Shortening {
  std::vector<Edit> edits;
};

struct ShortenOptions {
  // See EditSet::changed(), of all sources.
  std::vector<Span> changes = {};
  // Rules of the original that the rewrite changed may become one with their neighbours.
  bool joins_changed = false;
};

// Of the tables of one family; `rewritten` is resolved and fully understood. In the order of the
// chains; the cost grows with the rules, and not with their square.
[[nodiscard]] std::vector<Shortening> find_shortenings(const Ruleset& rewritten,
                                                       const Sources& sources, IpVersion version,
                                                       const ShortenOptions& options);

// The edits of some of them; a comment that stood over nothing but rules that are left out goes
// with them.
[[nodiscard]] EditSet shortened(const Sources& sources, const ShortenOptions& options,
                                std::span<const Shortening> chosen);

}  // namespace untrack
