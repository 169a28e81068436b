// The conntrack table by the rules that admitted its entries, as text. A part of the reports of
// `pressure` and `audit`.
#pragma once

#include <string>
#include <vector>

#include "analysis/attribution/attribution.hpp"
#include "model/ruleset.hpp"
#include "model/source_text.hpp"
#include "report/terminal.hpp"
#include "report/text_table.hpp"

namespace untrack {

// What is said, for the text and for pages alike. `entry_bytes`: what one entry takes.
struct AttributionSection {
  TextTable table = TextTable({});     // its first row names the columns; none: no entry was given
  std::vector<std::string> sentences;  // below it
};
[[nodiscard]] AttributionSection attribution_section(const Attribution& attribution,
                                                     const Ruleset& ruleset, const Sources& sources,
                                                     unsigned entry_bytes);

[[nodiscard]] std::string write_attribution(const Attribution& attribution, const Ruleset& ruleset,
                                            const Sources& sources, unsigned entry_bytes,
                                            const Display& display);

// Where the rule stands, or the chain whose policy it is; an empty span of the first source where
// no chain filters.
[[nodiscard]] Span span_of(const Admitting& by, const Ruleset& ruleset);
// Entries, as far as known, whose flows can be untracked without exposing anything.
[[nodiscard]] std::size_t free_entries(const Attribution& attribution);

}  // namespace untrack
