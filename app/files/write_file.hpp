// Writes a file as a whole or not at all: to a temporary in the same directory, then renamed. Used
// by commands that write what the user asked for.
#pragma once

#include <string>
#include <string_view>

namespace untrack {

// `mode`: permissions as chmod(2) takes them. Returns what went wrong, in the system's words; empty
// if nothing did. On failure a file that was there before is unchanged, and no temporary is left.
[[nodiscard]] std::string write_file(const std::string& path, std::string_view text,
                                     unsigned int mode);

}  // namespace untrack
