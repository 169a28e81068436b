// Rules, comparisons and the statements without arguments of their own; the others are in
// statement_forms.cpp.
#include "parser/nft/statements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/catalog/nft_expressions.hpp"
#include "model/spelling.hpp"
#include "parser/nft/values.hpp"

namespace untrack::nft {
namespace {

// nft refuses statements behind these (STMT_F_TERMINAL, src/evaluate.c).
bool ends_rule(const Node& statement) {
  constexpr std::array words = {"reject", "queue", "snat", "dnat", "masquerade", "redirect", "fwd"};
  if (statement.kind == NodeKind::verdict) return statement.text != "continue";
  return statement.kind == NodeKind::statement &&
         std::ranges::find(words, statement.text) != words.end();
}

// What a misspelt word may be meant as.
constexpr std::array<std::string_view, 20> first_words = {
    "accept",     "drop",     "reject",   "continue", "return",  "jump", "goto",
    "counter",    "limit",    "log",      "queue",    "notrack", "snat", "dnat",
    "masquerade", "redirect", "synproxy", "tproxy",   "comment", "quota"};

constexpr std::array operator_symbols = {"==", "!=", "<", ">", "<=", ">="};
struct OperatorWord {
  std::string_view word;
  std::string_view symbol;
};
constexpr OperatorWord operator_words[] = {{"eq", "=="},  {"ne", "!="}, {"neq", "!="}, {"lt", "<"},
                                           {"gt", ">"},   {"le", "<="}, {"lte", "<="}, {"ge", ">="},
                                           {"gte", ">="}, {"not", "!"}};

}  // namespace

Node StatementReader::statement(std::size_t first, std::string_view text,
                                std::vector<Node> arguments) const {
  return {NodeKind::statement, in_.span_since(first), text, std::move(arguments), false};
}

Node StatementReader::argument(std::size_t first, std::string_view name,
                               std::vector<Node> values) const {
  return {NodeKind::argument, in_.span_since(first), name, std::move(values), false};
}

std::vector<Node> StatementReader::read_rule() {
  std::vector<Node> statements;
  while (!in_.is_at_end_of_statement()) {
    const Node* const last = statements.empty() ? nullptr : &statements.back();
    const bool is_comment = in_.is_word("comment");
    if (last != nullptr && last->text == "comment") {
      in_.fail("the end of the rule", "A comment stands behind all statements, and once.");
    }
    if (last != nullptr && ends_rule(*last) && !is_comment) {
      in_.fail("the end of the rule", "No statement behind this verdict is ever reached.");
    }
    statements.push_back(read());
  }
  return statements;
}

bool StatementReader::has_operator() const {
  const auto is_here = [&](std::string_view symbol) { return in_.is_symbol(symbol); };
  return std::ranges::any_of(operator_symbols, is_here) ||
         std::ranges::find(operator_words, in_.word(), &OperatorWord::word) !=
             std::end(operator_words);
}

std::string_view StatementReader::read_operator() {
  const auto word = std::ranges::find(operator_words, in_.word(), &OperatorWord::word);
  const Token token = in_.next();
  return word == std::end(operator_words) ? in_.text(token) : word->symbol;
}

Node StatementReader::read() {
  const std::size_t first = in_.position();
  if (expressions_.begins_verdict() && !in_.is_word("queue")) return expressions_.read_verdict();
  const std::string_view word = in_.word();
  if (word == "ct") return read_ct(first);
  if (expressions_.begins_selector() || in_.is_symbol("(")) return read_key_statement(first);
  if (word == "counter") return read_counter(first);
  if (word == "limit" || word == "quota") return read_rate(word, first);
  if (word == "log") return read_log(first);
  if (word == "reject") return read_reject(first);
  if (word == "snat" || word == "dnat" || word == "masquerade" || word == "redirect") {
    return read_nat(word, first);
  }
  if (word == "notrack") {
    in_.next();
    return statement(first, "notrack");
  }
  if (word == "queue") return read_queue(first);
  if (word == "dup" || word == "fwd") return read_copy(word, first);
  if (word == "tproxy") return read_tproxy(first);
  if (word == "synproxy") return read_synproxy(first);
  if (word == "add" || word == "update" || word == "delete" || word == "set") {
    return read_set_update(word, first);
  }
  if (word == "meter") return read_meter(first);
  if (word == "flow") return read_flow(first);
  if (word == "comment") {
    in_.next();
    std::vector<Node> text;
    const std::size_t at = in_.position();
    const bool is_number = plain_number(in_.word()).has_value();
    if (is_number || (!in_.is_quoted() && in_.word().empty())) in_.fail("a comment");
    const Token token = in_.next();
    text.push_back({NodeKind::quoted, in_.span_since(at), in_.text(token), {}, false});
    return statement(first, "comment", std::move(text));
  }
  if (word == "last") {
    in_.next();
    if (in_.accept_word("used")) in_.next();
    return statement(first, "last");
  }
  if (word == "xt") {
    in_.next();
    while (!in_.is_at_end_of_statement()) in_.next();
    return statement(first, "xt");
  }
  if (word == "reset") {
    in_.next();
    (void)expressions_.read_selector();
    return statement(first, "reset option");
  }
  // Of a header with a wrong field the field is what is not expected.
  if (catalog::find_nft_header(word) != nullptr) (void)expressions_.read_selector();
  const auto near = nearest(word, first_words);
  in_.fail("a statement or an expression, such as \"tcp dport 22\" or \"accept\"",
           near ? fmt::format("Did you mean \"{}\"?", *near) : std::string());
}

// Behind the major number of a class of tc, `1:10`: the minor one.
void StatementReader::read_class_of_tc() {
  if (in_.accept_symbol(":")) in_.expect_word("the number of a class");
}

// KEY [op] VALUE, KEY vmap SET, KEY set VALUE
Node StatementReader::read_key_statement(std::size_t first) {
  Node key = expressions_.read_key();
  const auto two = [&](NodeKind kind, std::string_view text, Node left, Node right) {
    Node result{kind, in_.span_since(first), text, {}, false};
    result.children.push_back(std::move(left));
    result.children.push_back(std::move(right));
    return result;
  };
  if (in_.accept_word("vmap")) {
    in_.skip_newlines();
    Node set = expressions_.read_part();
    return two(NodeKind::vmap, "vmap", std::move(key), std::move(set));
  }
  if (key.kind == NodeKind::concat && in_.is_word("set")) in_.fail("vmap or a set");
  if (in_.accept_word("set")) {
    Node value = expressions_.read_value(ExpressionReader::Selectors::yes);
    if (key.text == "meta priority") read_class_of_tc();
    Node result{NodeKind::assign, in_.span_since(first), key.text, {}, false};
    result.children.push_back(std::move(value));
    return result;
  }
  const std::string_view text = has_operator() ? read_operator() : std::string_view();
  Node value = expressions_.read_value();
  if (value.kind == NodeKind::symbol && in_.accept_symbol(":")) {  // a class of tc: 1:2
    const Node minor = expressions_.read_part();
    value.text = expressions_.keep(fmt::format("{}:{}", value.text, minor.text));
  }
  return two(NodeKind::match, text, std::move(key), std::move(value));
}

}  // namespace untrack::nft
