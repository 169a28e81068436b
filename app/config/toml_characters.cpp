#include "app/config/toml_characters.hpp"

#include <algorithm>

namespace untrack {
namespace {

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// Behind the bytes of one character in UTF-8.
std::size_t end_of(std::string_view text, std::size_t at) {
  std::size_t end = at + 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80) ++end;
  return end;
}

MisplacedCharacter found(std::string_view text, std::size_t at, std::string_view why) {
  return {at, end_of(text, at), why};
}

}  // namespace

std::optional<MisplacedCharacter> misplaced_character(std::string_view text) {
  const std::size_t zero = text.find('\0');
  if (zero != std::string_view::npos) return found(text, zero, "it holds a zero byte");
  std::string_view closing;  // of the string in which `at` stands
  std::size_t at = text.starts_with("\xef\xbb\xbf") ? 3 : 0;
  while (at < text.size()) {
    const char c = text[at];
    if (closing.empty()) {
      if (!is_ascii(c)) return found(text, at, "only strings and comments hold such a character");
      if (c == '#') {
        at = std::min(text.find('\n', at), text.size());
      } else if (c == '"' || c == '\'') {
        const std::string_view opening = text.substr(at, 3);
        const std::string_view three = c == '"' ? "\"\"\"" : "'''";
        closing = opening == three ? three : three.substr(0, 1);
        at += closing.size();
      } else {
        ++at;
      }
    } else if (text.substr(at).starts_with(closing)) {
      at += closing.size();
      // Two more may stand before the three that end it.
      for (int more = 0; closing.size() == 3 && more < 2 && text.substr(at).starts_with(closing[0]);
           ++more) {
        ++at;
      }
      closing = {};
    } else if (c == '\n' && closing.size() == 1) {
      closing = {};  // a string that does not end; toml++ says so
    } else if (c == '\\' && closing.front() == '"') {
      // At the end of a line it takes away all space up to the next character, which is one of
      // these.
      const std::size_t next = text.find_first_not_of(" \t\r\n", at + 1);
      if (next != std::string_view::npos && !is_ascii(text[next])) {
        return found(text, next, "a backslash stands before such a character");
      }
      at += 2;
    } else {
      ++at;
    }
  }
  return std::nullopt;
}

}  // namespace untrack
