// A text as one word of a command that is shown for people to copy. Used by what reports say to do
// next; scripts that nobody reads first quote everything (rewriter/unload/shell_quote.hpp).
#pragma once

#include <string>
#include <string_view>

namespace untrack {

// A name that the shell takes as it is stays as it is; else it is quoted.
[[nodiscard]] std::string shell_word(std::string_view text);

}  // namespace untrack
