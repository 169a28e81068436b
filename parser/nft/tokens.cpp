#include "parser/nft/tokens.hpp"

#include <tao/pegtl.hpp>

#include "parser/nft/lexical_grammar.hpp"

namespace untrack::nft {
namespace {

namespace pegtl = tao::pegtl;

struct Reading {
  const char* start;
  std::vector<Token> tokens;
};

template <TokenKind kind>
struct Adds {
  template <typename ActionInput>
  static void apply(const ActionInput& in, Reading& reading) {
    reading.tokens.push_back({kind, static_cast<std::uint32_t>(in.begin() - reading.start),
                              static_cast<std::uint32_t>(in.end() - reading.start)});
  }
};

template <typename Rule>
struct Action : pegtl::nothing<Rule> {};
template <>
struct Action<grammar::newline> : Adds<TokenKind::newline> {};
template <>
struct Action<grammar::quoted> : Adds<TokenKind::quoted> {};
template <>
struct Action<grammar::word> : Adds<TokenKind::word> {};
template <>
struct Action<grammar::symbol> : Adds<TokenKind::symbol> {};
template <>
struct Action<grammar::bad> : Adds<TokenKind::bad> {};

}  // namespace

std::vector<Token> read_tokens(std::string_view text, Dialect dialect) {
  Reading reading{text.data(), {}};
  reading.tokens.reserve(text.size() / 4 + 1);
  pegtl::memory_input<pegtl::tracking_mode::lazy> in(text.data(), text.size(), "");
  if (dialect == Dialect::script) {
    pegtl::parse<grammar::tokens, Action>(in, reading);
  } else {
    pegtl::parse<grammar::command_tokens, Action>(in, reading);
  }
  const auto size = static_cast<std::uint32_t>(text.size());
  reading.tokens.push_back({TokenKind::end, size, size});
  return std::move(reading.tokens);
}

}  // namespace untrack::nft
