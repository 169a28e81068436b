// What `untrack rewrite` prints: what became of each family, the difference of the texts, the
// proof, and what an administrator does next.
#pragma once

#include <string>
#include <string_view>

#include "report/rewrite/rewrite_report.hpp"
#include "report/terminal.hpp"

namespace untrack {

// Its words, which the page of a rewrite shares. None is escaped.
inline constexpr std::string_view taken_as_whole_words =
    "Taken as the whole ruleset: nothing else is loaded, and a chain without a policy accepts. The "
    "proof says nothing of rules that are not in these files.";
// How many entries of a table are no longer in it, half a sentence.
[[nodiscard]] std::string saved_words(const SavedEntries& saved);
// A block of nft, in one line.
[[nodiscard]] std::string in_one_line(std::string_view text);

[[nodiscard]] std::string rewrite_text(const RewriteReport& report, const Display& display);

// The differences alone, as patch(1) takes them. Not escaped.
[[nodiscard]] std::string rewrite_diff(const RewriteReport& report);

}  // namespace untrack
