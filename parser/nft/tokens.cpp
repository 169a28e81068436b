#include "parser/nft/tokens.hpp"

#include <tao/pegtl.hpp>

#include "parser/nft/lexical_grammar.hpp"

namespace untrack::nft {
namespace {

namespace pegtl = tao::pegtl;

struct Reading {
  const char* start;
  Tokens found;
};

template <TokenKind kind>
struct Adds {
  template <typename ActionInput>
  static void apply(const ActionInput& in, Reading& reading) {
    reading.found.tokens.push_back({kind, static_cast<std::uint32_t>(in.begin() - reading.start),
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
template <>
struct Action<grammar::carriage_return> {
  template <typename ActionInput>
  static void apply(const ActionInput& in, Reading& reading) {
    auto& first = reading.found.first_carriage_return;
    if (!first) first = static_cast<std::uint32_t>(in.begin() - reading.start);
  }
};

}  // namespace

Tokens read_tokens(std::string_view text, Dialect dialect) {
  Reading reading{text.data(), {}};
  reading.found.tokens.reserve(text.size() / 4 + 1);
  pegtl::memory_input<pegtl::tracking_mode::lazy> in(text.data(), text.size(), "");
  if (dialect == Dialect::script) {
    pegtl::parse<grammar::tokens, Action>(in, reading);
  } else {
    pegtl::parse<grammar::command_tokens, Action>(in, reading);
  }
  const auto size = static_cast<std::uint32_t>(text.size());
  reading.found.tokens.push_back({TokenKind::end, size, size});
  return std::move(reading.found);
}

}  // namespace untrack::nft
