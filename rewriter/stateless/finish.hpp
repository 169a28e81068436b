// Finish: the edits of a stateless rewrite: those of the draft, and in each place the rules that
// stand for what was there, under a comment that says which rule that was.
#pragma once

#include <vector>

#include "rewriter/stateless/replies.hpp"

namespace untrack {

// The draft alone, as find_replies() needs it: places are removed. Throws std::logic_error if two
// edits conflict, which is a fault of the draft.
[[nodiscard]] EditSet draft_edits(const Ruleset& ruleset, const Sources& sources,
                                  const Draft& draft);

// `mirrors`: the chains that the places jump to. Where the rewrite needs it, fragments are put
// together by a rule of its own (-m socket loads nf_defrag_ipv6 and tracks nothing).
[[nodiscard]] EditSet final_edits(const Ruleset& ruleset, const Sources& sources,
                                  const Draft& draft, const Replies& replies,
                                  const std::vector<Edit>& mirrors, IpVersion version);

}  // namespace untrack
