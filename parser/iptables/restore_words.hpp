// The words of one line as iptables-restore 1.8.9 splits it (xshared.c, add_param_to_argv). Used by
// the readers of save files, listings and ipset files; shell lines are split by shell_words.hpp.
#pragma once

#include <vector>

#include "model/ruleset.hpp"
#include "parser/iptables/words.hpp"

namespace untrack::iptables {

// Replaces `words` by those of `line`, which stands at `span` and may end with its newline. A word
// with escapes in it is kept in `ruleset`; all others are views into the line. False if a quote is
// still open at the end; iptables-restore takes the newline into the word then, and so does this.
bool split_restore_line(std::string_view line, const Span& span, Ruleset& ruleset,
                        std::vector<Word>* words);

}  // namespace untrack::iptables
