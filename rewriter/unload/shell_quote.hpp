// How a text becomes one word of a POSIX shell script, whatever it holds. Used for every text that
// goes into the unload script.
#pragma once

#include <string>
#include <string_view>

namespace untrack {

// In single quotes, each single quote spelled as '\''. Control characters become `?`: a newline
// would be safe for the shell, but not for what shows or copies the script.
[[nodiscard]] std::string shell_quote(std::string_view text);

}  // namespace untrack
