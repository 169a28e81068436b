// read_stream: all of a stream, if that has an end: /dev/zero and a pipe without one must not take
// the memory of a host. Used by whoever reads files and standard input for the commands.
#pragma once

#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace untrack {

// A million rules are some 150 MiB.
inline constexpr std::size_t largest_input = std::size_t{512} << 20U;
inline constexpr std::string_view too_large_input = "larger than 512 MiB";

// nullopt if it is larger than that. What else goes wrong is in the state of the stream, as with
// std::istream::read. `expected`: bytes that it is thought to have; memory for them is had at once.
[[nodiscard]] inline std::optional<std::string> read_stream(std::istream& stream,
                                                            std::size_t expected = 0) {
  std::string text;
  text.reserve(expected < largest_input ? expected : largest_input);
  // Most rulesets are smaller, and a fleet has thousands of them.
  std::vector<char> block(std::size_t{1} << 15U);
  while (stream.read(block.data(), static_cast<std::streamsize>(block.size())) ||
         stream.gcount() > 0) {
    text.append(block.data(), static_cast<std::size_t>(stream.gcount()));
    if (text.size() > largest_input) return std::nullopt;
  }
  return text;
}

}  // namespace untrack
