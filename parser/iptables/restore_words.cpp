#include "parser/iptables/restore_words.hpp"

#include <string>

#include "parser/iptables/restore_grammar.hpp"

namespace untrack::iptables {
namespace {

namespace pegtl = tao::pegtl;

struct State {
  std::string_view line;
  Span span;
  Ruleset& ruleset;
  std::vector<Word>& words;
  std::string_view plain;
  std::string_view quoted;
  bool has_quotes = false;
  bool is_open = false;
};

// Without the backslashes; one at the very end escapes nothing and is lost, as in iptables.
std::string unescaped(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && ++i == text.size()) break;
    result += text[i];
  }
  return result;
}

template <typename Rule>
struct WordAction : pegtl::nothing<Rule> {};

template <>
struct WordAction<grammar::plain> {
  template <typename Input>
  static void apply(const Input& in, State& state) {
    state.plain = {in.begin(), in.size()};
  }
};

template <>
struct WordAction<grammar::open_quote> {
  static void apply0(State& state) { state.is_open = state.has_quotes = true; }
};

template <>
struct WordAction<grammar::close_quote> {
  static void apply0(State& state) { state.is_open = false; }
};

template <>
struct WordAction<grammar::quoted_text> {
  template <typename Input>
  static void apply(const Input& in, State& state) {
    state.quoted = {in.begin(), in.size()};
  }
};

template <>
struct WordAction<grammar::word> {
  template <typename Input>
  static void apply(const Input& in, State& state) {
    Word word;
    const auto begin =
        state.span.begin + static_cast<std::uint32_t>(in.begin() - state.line.data());
    word.span = {state.span.source, begin, begin + static_cast<std::uint32_t>(in.size())};
    if (!state.has_quotes) {
      word.text = state.plain;
      word.is_verbatim = true;
    } else if (state.plain.empty() && state.quoted.find('\\') == std::string_view::npos) {
      word.text = state.quoted;
    } else {
      word.text = state.ruleset.keep(std::string(state.plain) + unescaped(state.quoted));
    }
    state.words.push_back(word);
    state.plain = state.quoted = {};
    state.has_quotes = false;
  }
};

}  // namespace

bool split_restore_line(std::string_view line, const Span& span, Ruleset& ruleset,
                        std::vector<Word>* words) {
  words->clear();
  State state{line, span, ruleset, *words, {}, {}, false, false};
  pegtl::memory_input<pegtl::tracking_mode::lazy, pegtl::eol::lf> in(line.data(),
                                                                     line.data() + line.size(), "");
  pegtl::parse<grammar::words, WordAction>(in, state);
  return !state.is_open;
}

}  // namespace untrack::iptables
