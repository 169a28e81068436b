#include "parser/nft/includes.hpp"

#include <algorithm>

#include "parser/nft/tokens.hpp"

namespace untrack::nft {

std::vector<std::string> includes_of(std::string_view text) {
  std::vector<std::string> patterns;
  constexpr std::string_view word = "include";
  if (text.find(word) == std::string_view::npos) return patterns;
  const std::vector<Token> tokens = read_tokens(text, Dialect::script).tokens;
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i) {
    const Token& token = tokens[i];
    const Token& name = tokens[i + 1];
    if (token.kind != TokenKind::word || name.kind != TokenKind::quoted) continue;
    if (text.substr(token.begin, token.end - token.begin) != word) continue;
    std::string pattern(text.substr(name.begin + 1, name.end - name.begin - 2));
    if (std::ranges::find(patterns, pattern) == patterns.end()) {
      patterns.push_back(std::move(pattern));
    }
  }
  return patterns;
}

}  // namespace untrack::nft
