// Words of lines that blanks separate, as the kernel writes them under /proc. Used by the readers
// of such listings (modules.cpp, conntrack/) and of those of ipset; iptables text has quotes and is
// read by iptables/command_words.cpp.
#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace untrack {

// Next word of `line`, which is cut; empty at the end.
inline std::string_view next_word(std::string_view& line) {
  const std::size_t begin = line.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return line = {};
  line.remove_prefix(begin);
  const std::string_view word = line.substr(0, line.find_first_of(" \t\r"));
  line.remove_prefix(word.size());
  return word;
}

// The whole word as a decimal number that fits; nothing for anything else.
template <class Number>
[[nodiscard]] std::optional<Number> number_of(std::string_view word) {
  Number value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

}  // namespace untrack
