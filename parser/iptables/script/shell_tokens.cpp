#include "parser/iptables/script/shell_tokens.hpp"

#include <algorithm>
#include <string>

#include "parser/iptables/script/shell_grammar.hpp"

namespace untrack::iptables {
namespace {

namespace pegtl = tao::pegtl;
namespace g = shell_grammar;

constexpr std::size_t deepest = 50;

struct State {
  std::string_view text;
  ShellLine& line;
  bool in_double = false;
  std::uint32_t part_begin = 0;

  [[nodiscard]] std::uint32_t offset(const char* at) const {
    return static_cast<std::uint32_t>(at - text.data());
  }
  template <typename Input>
  void add(TokenKind kind, const Input& in) {
    Token token;
    token.kind = kind;
    token.begin = offset(in.begin());
    token.end = token.begin + static_cast<std::uint32_t>(in.size());
    line.tokens.push_back(token);
  }
  void add_part(PartKind kind, std::string_view part, bool is_quoted) {
    line.parts.push_back({kind, is_quoted || in_double, part});
  }
};

// The word that ends a here-document, without its quotes.
std::string delimiter_of(const ShellLine& line, const Token& word) {
  std::string delimiter;
  for (std::uint32_t i = 0; i < word.part_count; ++i) {
    delimiter += line.parts[word.first_part + i].text;
  }
  return delimiter;
}

// Consumes the bodies of the here-documents of the line: each ends with a line that is its
// delimiter.
struct HereBodies {
  using rule_t = HereBodies;
  using subs_t = pegtl::empty_list;
  template <pegtl::apply_mode, pegtl::rewind_mode, template <typename...> class,
            template <typename...> class, typename Input>
  static bool match(Input& in, State& state) {
    for (std::size_t i = 0; i + 1 < state.line.tokens.size(); ++i) {
      Token& token = state.line.tokens[i];
      const Token& word = state.line.tokens[i + 1];
      if (token.kind != TokenKind::here_document || word.kind != TokenKind::word) continue;
      const std::string delimiter = delimiter_of(state.line, word);
      const bool strips_tabs = token.end - token.begin == 3;  // <<-
      token.is_expanded = !word.has_quotes;
      token.body_begin = state.offset(in.current());
      bool is_closed = false;
      while (!in.empty()) {
        const std::string_view rest(in.current(), in.size(0));
        const std::size_t length = std::min(rest.find('\n'), rest.size());
        std::string_view body_line = rest.substr(0, length);
        token.body_end = state.offset(in.current());
        in.bump(std::min(length + 1, rest.size()));
        if (body_line.ends_with('\r')) body_line.remove_suffix(1);
        if (strips_tabs) {
          body_line.remove_prefix(std::min(body_line.find_first_not_of('\t'), body_line.size()));
        }
        if (body_line == delimiter) {
          is_closed = true;
          break;
        }
        token.body_end = state.offset(in.current());
      }
      if (token.body_end < token.body_begin) token.body_end = token.body_begin;
      state.line.is_unclosed = state.line.is_unclosed || !is_closed;
    }
    return true;
  }
};

template <typename Rule>
struct TokenAction : pegtl::nothing<Rule> {};

template <TokenKind kind>
struct AddToken {
  template <typename Input>
  static void apply(const Input& in, State& state) {
    state.add(kind, in);
  }
};
template <>
struct TokenAction<g::and_if> : AddToken<TokenKind::and_if> {};
template <>
struct TokenAction<g::or_if> : AddToken<TokenKind::or_if> {};
template <>
struct TokenAction<g::end_of_case> : AddToken<TokenKind::end_of_case> {};
template <>
struct TokenAction<g::semicolon> : AddToken<TokenKind::semicolon> {};
template <>
struct TokenAction<g::background> : AddToken<TokenKind::semicolon> {};
template <>
struct TokenAction<g::pipe> : AddToken<TokenKind::pipe> {};
template <>
struct TokenAction<g::open_round> : AddToken<TokenKind::open_round> {};
template <>
struct TokenAction<g::close_round> : AddToken<TokenKind::close_round> {};
template <>
struct TokenAction<g::redirection> : AddToken<TokenKind::redirection> {};
template <>
struct TokenAction<g::here_document> : AddToken<TokenKind::here_document> {};

template <>
struct TokenAction<g::word> {
  template <typename Input>
  static void apply(const Input& in, State& state) {
    state.add(TokenKind::word, in);
    Token& token = state.line.tokens.back();
    token.first_part = state.part_begin;
    token.part_count = static_cast<std::uint32_t>(state.line.parts.size()) - state.part_begin;
    token.has_quotes =
        std::string_view(in.begin(), in.size()).find_first_of("'\"\\") != std::string_view::npos;
    state.part_begin = static_cast<std::uint32_t>(state.line.parts.size());
  }
};

template <PartKind kind, std::size_t cut_front, std::size_t cut_back>
struct AddPart {
  template <typename Input>
  static void apply(const Input& in, State& state) {
    const std::string_view whole(in.begin(), in.size());
    state.add_part(kind, whole.substr(cut_front, whole.size() - cut_front - cut_back),
                   kind == PartKind::escape);
  }
};
template <>
struct TokenAction<g::literal> : AddPart<PartKind::literal, 0, 0> {};
template <>
struct TokenAction<g::double_text> : AddPart<PartKind::literal, 0, 0> {};
template <>
struct TokenAction<g::dollar> : AddPart<PartKind::literal, 0, 0> {};
template <>
struct TokenAction<g::escape> : AddPart<PartKind::escape, 1, 0> {};
template <>
struct TokenAction<g::double_escape> : AddPart<PartKind::escape, 1, 0> {};
template <>
struct TokenAction<g::parameter> : AddPart<PartKind::parameter, 1, 0> {};
template <>
struct TokenAction<g::braced> : AddPart<PartKind::parameter, 2, 1> {};
template <>
struct TokenAction<g::special> : AddPart<PartKind::expansion, 0, 0> {};
template <>
struct TokenAction<g::other_braced> : AddPart<PartKind::expansion, 0, 0> {};
template <>
struct TokenAction<g::arithmetic> : AddPart<PartKind::expansion, 0, 0> {};
template <>
struct TokenAction<g::substitution> : AddPart<PartKind::expansion, 0, 0> {};
template <>
struct TokenAction<g::backquoted> : AddPart<PartKind::expansion, 0, 0> {};

template <>
struct TokenAction<g::single_text> {
  template <typename Input>
  static void apply(const Input& in, State& state) {
    state.add_part(PartKind::literal, {in.begin(), in.size()}, true);
  }
};
template <>
struct TokenAction<g::open_double> {
  static void apply0(State& state) {
    state.in_double = true;
    // "" is a word, too.
    state.line.parts.push_back({PartKind::literal, true, {}});
  }
};
template <>
struct TokenAction<g::close_double> {
  static void apply0(State& state) { state.in_double = false; }
};
template <>
struct TokenAction<g::unclosed> {
  static void apply0(State& state) { state.line.is_unclosed = true; }
};
template <>
struct TokenAction<g::balanced> : pegtl::limit_depth<deepest> {};

}  // namespace

bool ShellLines::next(ShellLine* line) {
  line->tokens.clear();  // keeps the capacity
  line->parts.clear();
  line->is_unclosed = line->is_too_deep = line->is_comment = false;
  if (at_ == text_.size()) return false;
  line->begin = static_cast<std::uint32_t>(at_);
  State state{text_, *line, false, 0};
  pegtl::memory_input<pegtl::tracking_mode::lazy, pegtl::eol::lf> in(
      text_.data() + at_, text_.data() + text_.size(), "");
  try {
    pegtl::parse<g::line<HereBodies>, TokenAction>(in, state);
    at_ = text_.size() - in.size(0);
  } catch (const pegtl::parse_error&) {
    line->is_too_deep = true;
    at_ = text_.size();
  }
  line->end = static_cast<std::uint32_t>(at_);
  const std::string_view all = text_.substr(line->begin, line->end - line->begin);
  line->is_comment = line->tokens.empty() && all.find('#') != std::string_view::npos;
  return true;
}

}  // namespace untrack::iptables
