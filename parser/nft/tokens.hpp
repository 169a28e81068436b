// The words of nft input: what nft's scanner makes of bytes (src/scanner.l, nft 1.0.6), with the
// place of each. Used by the readers of expressions, statements and commands; comments and joined
// lines are gone, and nothing else is.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/source_text.hpp"

namespace untrack::nft {

enum class TokenKind : std::uint8_t {
  word,     // a name, number, address, time: whatever nft reads as one string
  quoted,   // "text", with its quotes
  symbol,   // { } , . == and so on
  newline,  // ends a command, like `;`
  bad,      // a byte that nft has no use for
  end,      // behind the last one
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

// What the text is written for: nft itself, or a shell that calls nft, whose quotes and backslashes
// are not nft's.
enum class Dialect : std::uint8_t { script, commands };

struct Tokens {
  std::vector<Token> tokens;  // with one of kind `end` behind the last
  std::optional<std::uint32_t> first_carriage_return;
};

// Linear in the text.
[[nodiscard]] Tokens read_tokens(std::string_view text, Dialect dialect);

}  // namespace untrack::nft
