// Values: what stands right of a comparison, in sets, and behind variables. Selectors are in
// selectors.cpp.
#include "parser/nft/expressions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/spelling.hpp"
#include "model/text_hash.hpp"
#include "parser/nft/unread_variable.hpp"
#include "parser/nft/values.hpp"

namespace untrack::nft {
namespace {

constexpr std::array verdict_words = {"accept", "drop", "continue", "return",
                                      "jump",   "goto", "queue"};

// The most nodes that one variable may bring in: variables that name variables grow like powers.
// In all variables that one input uses, so that what is kept of it has a known factor: each use is
// a copy. nft makes the same copies.
constexpr std::size_t most_expanded = 1'000'000;

std::size_t count_nodes(const Node& node) {
  std::size_t count = 1;
  for (const Node& child : node.children) {
    count += count_nodes(child);
    if (count > most_expanded) break;
  }
  return count;
}

void move_to(Node& node, const Span& span) {
  node.span = span;
  for (Node& child : node.children) move_to(child, span);
}

}  // namespace

std::string_view ExpressionReader::keep(std::string text) {
  const auto at = kept_.find(text);
  if (at != kept_.end()) return at->second;
  const std::string_view kept = ruleset_.keep(text);
  kept_.emplace(std::move(text), kept);
  return kept;
}

Node ExpressionReader::node(NodeKind kind, std::size_t first, std::string_view text,
                            std::vector<Node> children) const {
  return {kind, in_.span_since(first), text, std::move(children), false};
}

Node ExpressionReader::read_variable() {
  const std::size_t first = in_.position();
  in_.expect_symbol("$", "in front of a variable");
  const Token name = in_.expect_word("the name of a variable");
  const std::string_view text = in_.text(name);
  const Node* value = variables_.find(text);
  if (value == nullptr) {
    const std::vector<std::string_view> names = variables_.names();
    const auto near = nearest(text, names);
    throw SyntaxError{in_.span_since(first), fmt::format("no variable \"{}\"", text),
                      near ? fmt::format("did you mean \"{}\"?", *near) : "it is defined nowhere",
                      "Define it in front of its first use: `define NAME = value`; or give the "
                      "file that does.",
                      true};
  }
  if (is_unread_variable(*value)) {
    throw SyntaxError{in_.span_since(first),
                      fmt::format("the variable \"{}\", whose definition was not understood", text),
                      "what it stands for is not known", "Correct the definition first.", false};
  }
  expanded_ += count_nodes(*value);
  if (expanded_ > most_expanded) {
    throw SyntaxError{in_.span_since(first), "variables that stand for more than 1,000,000 values",
                      "counted once for each use, up to this one",
                      "Put the values into a set with a name, and let rules look into that.",
                      false};
  }
  Node copy = *value;
  // Findings point to where it is used.
  move_to(copy, in_.span_since(first));
  return copy;
}

bool ExpressionReader::begins_verdict() const {
  return std::ranges::find(verdict_words, in_.word()) != verdict_words.end();
}

Node ExpressionReader::read_verdict() {
  const std::size_t first = in_.position();
  const std::string_view word = in_.text(in_.next());
  std::vector<Node> chain;
  if (word == "jump" || word == "goto") {
    const std::size_t at = in_.position();
    if (in_.is_symbol("{") && read_inline_chain) {
      chain.push_back(node(NodeKind::symbol, at, read_inline_chain()));
    } else if (in_.is_symbol("$")) {
      chain.push_back(read_variable());
    } else {
      const Token name = in_.expect_name("the name of a chain");
      chain.push_back(node(NodeKind::symbol, at, in_.text(name)));
    }
  }
  return node(NodeKind::verdict, first, word, std::move(chain));
}

Node ExpressionReader::read_elements(Selectors selectors, const HandOver* hand_over) {
  constexpr std::size_t batch = 8192;
  const Depth depth(*this);
  const std::size_t first = in_.position();
  in_.expect_symbol("{", "at the begin of a set");
  Node set{NodeKind::set, {}, {}, {}, false};
  for (;;) {
    in_.skip_newlines();
    if (in_.accept_symbol("}")) break;
    if (hand_over != nullptr && set.children.size() == batch) {
      set.span = in_.span_since(first);
      (*hand_over)(set);
      set.children.clear();
    }
    set.children.push_back(read_element(selectors));
    in_.skip_newlines();
    if (in_.accept_symbol(",")) continue;
    in_.expect_symbol("}", "or , behind an element");
    break;
  }
  set.span = in_.span_since(first);
  return set;
}

// `timeout 1h`, `expires 5m`, `comment "..."`, `counter ...`, a rate and so on, behind an element.
bool ExpressionReader::read_element_option(Node& element) {
  if (in_.peek().kind != TokenKind::word) return false;
  if (in_.is_word("timeout") || in_.is_word("expires")) {
    const bool is_timeout = in_.text(in_.next()) == "timeout";
    element.has_timeout = true;
    if (in_.is_symbol("$")) {
      const Node value = read_variable();
      if (is_timeout) element.options += text_hash("timeout " + text_of(value));
      return true;
    }
    const auto time = time_in_ms(in_.word());
    if (!time) in_.fail("a time");
    // What is left of it is another number in each listing.
    if (is_timeout) element.options += text_hash(fmt::format("timeout {}", *time));
    in_.next();
    return true;
  }
  if (in_.accept_word("comment")) {
    in_.next();
    return true;
  }
  if (in_.is_word("counter") || in_.is_word("last") || in_.is_word("limit") ||
      in_.is_word("quota") || in_.is_word("ct")) {
    const bool is_condition = !(in_.is_word("counter") || in_.is_word("last"));
    element.has_condition = element.has_condition || is_condition;
    std::string words;
    while (!in_.is_symbol(",") && !in_.is_symbol(":") && !in_.is_symbol("}") && !in_.is_at_end() &&
           in_.peek().kind != TokenKind::newline) {
      words += in_.text(in_.next());
    }
    if (is_condition) element.options += text_hash(words);
    return true;
  }
  return false;
}

Node ExpressionReader::read_element(Selectors selectors) {
  const std::size_t first = in_.position();
  Node key = read_part(selectors);
  if (key.kind == NodeKind::set_name) {
    throw SyntaxError{key.span, "a set as an element of another", "nft refuses it",
                      "Name its elements, or define them as a variable.", true};
  }
  while (read_element_option(key)) {
  }
  in_.skip_newlines();
  if (!in_.accept_symbol(":")) return key;
  in_.skip_newlines();
  if (in_.is_word("queue")) in_.fail("another verdict");
  if (begins_verdict() && in_.is_symbol("{", 1)) in_.fail("a verdict with the name of a chain");
  Node value = begins_verdict() ? read_verdict() : read_part(selectors);
  if (in_.accept_symbol(":")) (void)read_operand(selectors);  // a class of tc: 1:bbf8
  while (read_element_option(key)) {
  }
  std::vector<Node> pair;
  pair.reserve(2);
  pair.push_back(std::move(key));
  pair.push_back(std::move(value));
  return node(NodeKind::mapping, first, {}, std::move(pair));
}

Node ExpressionReader::read_operand(Selectors selectors) {
  const Depth depth(*this);
  const std::size_t first = in_.position();
  if (in_.is_symbol("$")) return read_variable();
  if (in_.is_symbol("{")) return read_set(selectors);
  if (selectors == Selectors::yes && begins_selector()) return read_selector();
  if (in_.accept_symbol("@")) {
    const Token name = in_.expect_name("the name of a set");
    return node(NodeKind::set_name, first, in_.text(name));
  }
  if (in_.accept_symbol("(")) {
    Node inner = read_value(selectors);
    in_.expect_symbol(")", "behind what ( opens");
    return inner;
  }
  if (in_.accept_symbol("*")) return node(NodeKind::any, first, "*");
  if (in_.accept_symbol("[")) {  // [address]:port
    const Token name = in_.expect_word("an address");
    in_.expect_symbol("]", "behind the address");
    return node(NodeKind::symbol, first, in_.text(name));
  }
  if (in_.accept_symbol("-")) {
    const Token number = in_.expect_word("a number");
    return node(NodeKind::symbol, first, keep(fmt::format("-{}", in_.text(number))));
  }
  if (in_.is_quoted()) {
    const Token token = in_.next();
    return node(NodeKind::quoted, first, in_.text(token));
  }
  const Token token = in_.expect_word("a value");
  return node(NodeKind::symbol, first, in_.text(token));
}

std::string_view ExpressionReader::operator_here() const {
  constexpr std::array<std::string_view, 5> symbols = {"&", "|", "^", "<<", ">>"};
  if (in_.peek().kind == TokenKind::symbol) {
    const auto at = std::ranges::find(symbols, in_.text(in_.peek()));
    return at == symbols.end() ? std::string_view() : *at;
  }
  if (in_.is_word("and")) return "&";
  if (in_.is_word("or")) return "|";
  if (in_.is_word("xor")) return "^";
  if (in_.is_word("lshift")) return "<<";
  if (in_.is_word("rshift")) return ">>";
  return {};
}

Node ExpressionReader::read_bits(Selectors selectors) {
  const std::size_t first = in_.position();
  const auto pair = [&](NodeKind kind, std::string_view text, Node left, Node right) {
    std::vector<Node> both;
    both.push_back(std::move(left));
    both.push_back(std::move(right));
    return node(kind, first, text, std::move(both));
  };
  Node left = read_operand(selectors);
  if (in_.is_symbol("/")) {
    in_.next();
    Node length = read_operand(Selectors::no);
    left = pair(NodeKind::prefix, "/", std::move(left), std::move(length));
  }
  if (in_.accept_symbol("-")) {
    Node last = read_operand(Selectors::no);
    left = pair(NodeKind::range, "-", std::move(left), std::move(last));
  }
  for (std::string_view text = operator_here(); !text.empty(); text = operator_here()) {
    in_.next();
    Node right = read_operand(selectors);
    left = pair(NodeKind::binary, text, std::move(left), std::move(right));
  }
  return left;
}

Node ExpressionReader::read_concat(Selectors selectors) {
  const std::size_t first = in_.position();
  Node part = read_bits(selectors);
  if (!in_.is_symbol(".")) return part;
  std::vector<Node> parts;
  parts.push_back(std::move(part));
  while (in_.accept_symbol(".")) {
    in_.skip_newlines();
    parts.push_back(read_bits(selectors));
  }
  return node(NodeKind::concat, first, ".", std::move(parts));
}

Node ExpressionReader::read_part(Selectors selectors) {
  const std::size_t first = in_.position();
  Node key = read_concat(selectors);
  if (selectors == Selectors::no || !in_.is_word("map")) return key;
  in_.next();
  std::vector<Node> both;
  both.push_back(std::move(key));
  both.push_back(read_operand(selectors));
  return node(NodeKind::map, first, "map", std::move(both));
}

Node ExpressionReader::read_value(Selectors selectors) {
  const std::size_t first = in_.position();
  if (in_.accept_symbol("!")) {
    std::vector<Node> inner;
    inner.push_back(read_value(selectors));
    return node(NodeKind::negation, first, "!", std::move(inner));
  }
  Node part = read_part(selectors);
  if (!in_.is_symbol(",")) return part;
  std::vector<Node> parts;
  parts.push_back(std::move(part));
  while (in_.accept_symbol(",")) {
    in_.skip_newlines();
    parts.push_back(read_part(selectors));
  }
  return node(NodeKind::list, first, ",", std::move(parts));
}

}  // namespace untrack::nft
