// read_file: all of a file, or why not. Used by whoever reads files for the commands.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace untrack {

// nullopt, with the reason in `why`, if it cannot be read as a whole, or is larger than
// largest_input (read_stream.hpp).
[[nodiscard]] std::optional<std::string> read_file(const std::filesystem::path& path,
                                                   std::string& why);

}  // namespace untrack
