// trimmed: a text without the blanks around it, a carriage return of DOS among them. Used by those
// who read files line by line: the readers of formats, of settings and of remarks to the program.
#pragma once

#include <string_view>

namespace untrack {

[[nodiscard]] constexpr std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace untrack
