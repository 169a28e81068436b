// The tokens of a shell script, line by line: words with their quotes and expansions, operators,
// redirections, here-documents. Read by script.cpp, which knows what they mean.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/source_text.hpp"

namespace untrack::iptables {

enum class TokenKind : std::uint8_t {
  word,
  and_if,       // &&
  or_if,        // ||
  semicolon,    // ; and &
  end_of_case,  // ;;
  pipe,
  open_round,
  close_round,
  redirection,    // the word behind it is where to
  here_document,  // the word behind it ends the body
};

enum class PartKind : std::uint8_t {
  literal,    // text as it stands
  escape,     // one byte behind a backslash
  parameter,  // text is the name
  expansion,  // any other: $1, ${x:-y}, $(...), `...`, $((...)); text is all of it
};

// A piece of a word.
struct WordPart {
  PartKind kind{};
  bool is_quoted = false;
  std::string_view text;
};

struct Token {
  TokenKind kind{};
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  // Words: parts in ShellLine::parts.
  std::uint32_t first_part = 0;
  std::uint32_t part_count = 0;
  bool has_quotes = false;
  // Here-documents: the body, and whether the shell expands it.
  std::uint32_t body_begin = 0;
  std::uint32_t body_end = 0;
  bool is_expanded = false;
};

// One line with its continuations and here-documents: bytes [begin, end) of the script.
struct ShellLine {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::vector<Token> tokens;
  std::vector<WordPart> parts;
  bool is_unclosed =
      false;  // a quote, bracket or here-document is still open at the end of the text
  bool is_too_deep =
      false;  // brackets nested beyond any sense; the rest of the text is in this line
  bool is_comment = false;  // nothing but a comment
};

// Reads lines one after the other; all of them together are the text.
class ShellLines {
 public:
  explicit ShellLines(std::string_view text) : text_(text) {}
  // Replaces `line` by the next one; false at the end of the text.
  bool next(ShellLine* line);

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace untrack::iptables
