// Splits a command at blanks, with double quotes, for the tests of read_command; spans count from
// the beginning of the text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "parser/iptables/command.hpp"

namespace untrack::test {

inline std::vector<iptables::Word> split(std::string_view text) {
  std::vector<iptables::Word> words;
  std::size_t at = 0;
  while (true) {
    while (at < text.size() && text[at] == ' ') ++at;
    if (at == text.size()) return words;
    iptables::Word word;
    word.span.begin = static_cast<std::uint32_t>(at);
    if (text[at] == '"') {
      const std::size_t end = text.find('"', at + 1);
      word.text = text.substr(at + 1, end - at - 1);
      at = end + 1;
    } else {
      const std::size_t end = std::min(text.find(' ', at), text.size());
      word.text = text.substr(at, end - at);
      word.is_verbatim = true;
      at = end;
    }
    word.span.end = static_cast<std::uint32_t>(at);
    words.push_back(word);
  }
}

}  // namespace untrack::test
