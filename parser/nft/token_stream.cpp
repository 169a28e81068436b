#include "parser/nft/token_stream.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace untrack::nft {

bool TokenStream::is_at_end_of_statement() const {
  const Token& token = peek();
  return token.kind == TokenKind::newline || token.kind == TokenKind::end || is_symbol(";") ||
         is_symbol("}");
}

Token TokenStream::next() {
  const Token token = peek();
  if (position_ + 1 < read_.tokens.size()) ++position_;
  return token;
}

bool TokenStream::accept_word(std::string_view text) {
  if (!is_word(text)) return false;
  next();
  return true;
}

bool TokenStream::accept_symbol(std::string_view symbol) {
  if (!is_symbol(symbol)) return false;
  next();
  return true;
}

void TokenStream::expect_symbol(std::string_view symbol, std::string_view where) {
  if (!accept_symbol(symbol)) fail(fmt::format("{} {}", symbol, where));
}

Token TokenStream::expect_word(std::string_view what) {
  if (peek().kind != TokenKind::word) fail(what);
  return next();
}

Token TokenStream::expect_name(std::string_view what) {
  if (is_quoted() && dialect_ == Dialect::commands) return next();
  if (is_quoted()) fail(what, "Write it without quotes.");
  if (word().ends_with('*')) fail(what, "A name has no asterisk.");
  return expect_word(what);
}

std::string TokenStream::found_here() const {
  constexpr std::size_t shown = 60;
  const Token& token = peek();
  if (token.kind == TokenKind::newline) return "the end of the line";
  if (token.kind == TokenKind::end) return "the end of the input";
  return fmt::format("\"{}\"", text(token).substr(0, shown));
}

void TokenStream::fail(std::string_view expected, std::string cure) const {
  Span place = span(peek());
  if (peek().kind == TokenKind::newline) place.end = place.begin;
  throw SyntaxError{place, fmt::format("{} is not expected here", found_here()),
                    fmt::format("expected {}", expected), std::move(cure), true};
}

void TokenStream::skip_newlines() {
  while (peek().kind == TokenKind::newline) next();
}

void TokenStream::skip_separators() {
  while (peek().kind == TokenKind::newline || is_symbol(";")) next();
}

void TokenStream::skip_statement() {
  std::size_t depth = 0;
  for (; !is_at_end(); next()) {
    if (is_symbol("{")) ++depth;
    if (is_symbol("}")) {
      if (depth == 0) return;
      --depth;
    }
    if (depth == 0 && (peek().kind == TokenKind::newline || is_symbol(";"))) return;
  }
}

void TokenStream::skip_statement_since(std::size_t first) {
  std::size_t depth = 0;
  for (std::size_t i = first; i < position_; ++i) {
    const Token& token = read_.tokens[i];
    if (token.kind != TokenKind::symbol) continue;
    if (text(token) == "{") ++depth;
    if (text(token) == "}" && depth > 0) --depth;
  }
  // Only where the line has the ends of all of them: else what is wrong may be that one is missing.
  const std::size_t here = position_;
  while (depth > 0 && peek().kind != TokenKind::newline && !is_at_end()) {
    if (is_symbol("{")) ++depth;
    if (is_symbol("}")) --depth;
    next();
  }
  if (depth > 0) position_ = here;
  skip_statement();
}

Span TokenStream::span_since(std::size_t first) const {
  const Token& last = read_.tokens[position_ > first ? position_ - 1 : first];
  return {source_, read_.tokens[first].begin, last.end};
}

}  // namespace untrack::nft
