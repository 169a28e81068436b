// TokenStream: the tokens of one source, read one after the other, and the error that ends the
// reading of a command. Used by the readers of expressions, statements and commands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/source_text.hpp"
#include "parser/nft/tokens.hpp"

namespace untrack::nft {

// What stands there cannot be read; caught by the reader of commands, which goes on behind it.
struct SyntaxError {
  Span span;
  std::string message;
  std::string label;
  std::string cure;
  // Wrong for nft, too; else it may be right, and is only not known here.
  bool is_wrong = true;
};

class TokenStream {
 public:
  TokenStream(SourceId source, std::string_view text, Dialect dialect)
      : source_(source), text_(text), dialect_(dialect), read_(read_tokens(text, dialect)) {}

  // Here, since each of a million elements is looked at some twenty times.
  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const {
    return read_.tokens[std::min(position_ + ahead, read_.tokens.size() - 1)];
  }
  // The text of a token; of a quoted one without its quotes.
  [[nodiscard]] std::string_view text(const Token& token) const {
    const std::string_view all(text_.data() + token.begin, token.end - token.begin);
    return token.kind == TokenKind::quoted ? all.substr(1, all.size() - 2) : all;
  }
  [[nodiscard]] std::string_view word(std::size_t ahead = 0) const {  // "" if it is no word
    const Token& token = peek(ahead);
    return token.kind == TokenKind::word ? text(token) : std::string_view();
  }
  [[nodiscard]] bool is_symbol(std::string_view symbol, std::size_t ahead = 0) const {
    const Token& token = peek(ahead);
    return token.kind == TokenKind::symbol && text(token) == symbol;
  }
  [[nodiscard]] bool is_word(std::string_view text, std::size_t ahead = 0) const {
    return word(ahead) == text;
  }
  [[nodiscard]] bool is_quoted(std::size_t ahead = 0) const {
    return peek(ahead).kind == TokenKind::quoted;
  }
  [[nodiscard]] std::optional<std::uint32_t> first_carriage_return() const {
    return read_.first_carriage_return;
  }
  // A newline, `;`, `}` or the end: where a statement stops.
  [[nodiscard]] bool is_at_end_of_statement() const;
  // What nft asks for there: a `}` is none.
  [[nodiscard]] bool is_at_separator() const { return is_at_end_of_statement() && !is_symbol("}"); }
  // "the end of the line", or the token in quotes.
  [[nodiscard]] std::string found_here() const;
  [[nodiscard]] bool is_at_end() const { return peek().kind == TokenKind::end; }

  Token next();
  bool accept_word(std::string_view text);
  bool accept_symbol(std::string_view symbol);
  // Throw SyntaxError with what was found and `what` was expected.
  void expect_symbol(std::string_view symbol, std::string_view where);
  Token expect_word(std::string_view what);
  // The name of a table, chain, set or object: never in quotes, but for those of a shell.
  Token expect_name(std::string_view what);
  [[noreturn]] void fail(std::string_view expected, std::string cure = {}) const;

  void skip_newlines();
  // Newlines and `;`.
  void skip_separators();
  // Behind the end of the statement, whatever braces it opens.
  void skip_statement();
  // The same for one that began at `first` and was read up to here: a brace that it opened in this
  // line is closed in it, too.
  void skip_statement_since(std::size_t first);

  [[nodiscard]] Span span(const Token& token) const { return {source_, token.begin, token.end}; }
  // From the token at `first` to the last one read.
  [[nodiscard]] Span span_since(std::size_t first) const;
  [[nodiscard]] std::size_t position() const { return position_; }
  void rewind(std::size_t position) { position_ = position; }
  [[nodiscard]] SourceId source() const { return source_; }
  [[nodiscard]] std::string_view source_text() const { return text_; }

 private:
  SourceId source_;
  std::string_view text_;
  Dialect dialect_;
  Tokens read_;
  std::size_t position_ = 0;
};

}  // namespace untrack::nft
