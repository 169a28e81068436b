// After libnftables-json(5), "STATEMENTS".
#include "parser/nft/json/statements.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "parser/nft/statements.hpp"
#include "parser/nft/token_stream.hpp"

namespace untrack::nft {
namespace {

Node statement(const JsonValue& value, std::string_view text) {
  return {NodeKind::statement, value.span, text, {}, false};
}

bool has_selector(const Node& node) {
  return node.kind == NodeKind::selector || std::ranges::any_of(node.children, has_selector);
}

// A selector, alone or with bits taken of it: what the lowering knows to look at.
bool is_key(const Node& node) {
  const Node* inner = &node;
  while (inner->kind == NodeKind::binary) {
    if (has_selector(inner->children[1])) return false;
    inner = &inner->children[0];
  }
  return inner->kind == NodeKind::selector;
}

void move_to(Node& node, const Span& span) {
  node.span = span;
  for (Node& child : node.children) move_to(child, span);
}

// Statements that a set or an element of one has for its own: all but these may fail to match.
bool is_condition(const JsonValue& statement) {
  const std::string_view word = only_member(statement).key;
  return word != "counter" && word != "last";
}

}  // namespace

std::vector<Node> JsonStatementReader::read_rule(const JsonValue& statements) {
  if (!statements.is(JsonKind::array)) refuse_json(statements, "the statements of a rule");
  std::vector<Node> nodes;
  nodes.reserve(statements.children.size());
  for (const JsonValue& each : statements.children) {
    if (each.is(JsonKind::string)) {
      std::ranges::move(read_text(each), std::back_inserter(nodes));
    } else {
      nodes.push_back(read(each));
    }
  }
  return nodes;
}

// What nft has no form in JSON for, it prints as text in a string ("stmt ops ... have no json
// callback"): `update @map { ... }` and `jump { ... }` in 1.0.6.
std::vector<Node> JsonStatementReader::read_text(const JsonValue& value) {
  const Variables none;
  TokenStream in(value.span.source, value.text, Dialect::script);
  ExpressionReader expressions(in, ruleset_, none);
  const auto read_words = [&] {
    std::vector<Node> nodes = StatementReader(in, expressions).read_rule();
    for (Node& node : nodes) move_to(node, value.span);
    return nodes;
  };
  expressions.read_inline_chain = [&] {
    const std::string_view name = make_inline_chain(value.span);
    in.expect_symbol("{", "at the begin of a chain");
    for (;;) {
      in.skip_separators();
      if (in.accept_symbol("}")) return name;
      if (in.is_at_end()) in.fail("} at the end of the chain");
      add_inline_rule(name, read_words(), value.span);
    }
  };
  try {
    std::vector<Node> nodes = read_words();
    if (!in.is_at_end()) in.fail("the end of the statement");
    return nodes;
  } catch (const SyntaxError&) {
    unknown_json(value, "a statement in the words of text");
  }
}

Node JsonStatementReader::read(const JsonValue& value) {
  const JsonValue& inner = only_member(value);
  Node node = read_statement(inner, value.span);
  node.span = value.span;
  return node;
}

Node JsonStatementReader::read_statement(const JsonValue& value, const Span& span) {
  const std::string_view word = value.key;
  if (word == "match") return read_match(value);
  if (word == "vmap") return read_vmap(value);
  if (word == "mangle") return read_mangle(value);
  if (JsonExpressionReader::is_verdict(word)) return expressions_.read_verdict(value);
  if (word == "limit" && value.find("rate") != nullptr) return read_limit(value);
  if (word == "counter" || word == "quota" || word == "limit" || word == "synproxy") {
    return read_named(value, word);
  }
  if (word == "ct count" || word == "log" || word == "last" || word == "notrack" || word == "xt") {
    return statement(value, word);
  }
  if (word == "reject") return read_reject(value);
  if (word == "snat" || word == "dnat" || word == "masquerade" || word == "redirect" ||
      word == "tproxy") {
    return read_nat(value);
  }
  if (word == "queue") return read_queue(value);
  if (word == "dup" || word == "fwd") return read_values(value, word);
  if (word == "set" || word == "map") return read_set_update(value, span);
  if (word == "meter") return read_meter(value, span);
  if (word == "flow") return statement(value, "flow add");
  if (word == "reset") return statement(value, "reset option");
  if (word == "secmark") {  // `meta secmark set`
    Node node{NodeKind::assign, value.span, "meta secmark", {}, false};
    node.children.push_back(expressions_.read(value));
    return node;
  }
  if (word == "ct helper") return read_named(value, "ct helper set");
  if (word == "ct timeout") return read_named(value, "ct timeout set");
  if (word == "ct expectation") return read_named(value, "ct expectation set");
  unknown_json(value, fmt::format("a statement \"{}\"", word.substr(0, 60)));
}

void JsonStatementReader::add_argument(Node& node, const JsonValue& value, std::string_view name,
                                       std::string_view argument) {
  const JsonValue* found = value.find(name);
  if (found == nullptr) return;
  Node made{NodeKind::argument, found->span, argument, {}, false};
  made.children.push_back(expressions_.read(*found));
  node.children.push_back(std::move(made));
}

// A word, or several in an array, each as an argument without values.
void JsonStatementReader::add_words(Node& node, const JsonValue& value, std::string_view name) {
  const JsonValue* found = value.find(name);
  if (found == nullptr) return;
  for (const JsonValue* word : values_of(*found)) {
    if (!word->is(JsonKind::string)) refuse_json(*word, "a word");
    node.children.push_back({NodeKind::argument, word->span, word->text, {}, false});
  }
}

Node JsonStatementReader::read_match(const JsonValue& value) {
  constexpr std::array operators = {"==", "!=", "<", ">", "<=", ">=", "in", "!"};
  const JsonValue& op = member(value, "op");
  if (std::ranges::find(operators, op.text) == operators.end()) {
    refuse_json(op, "one of == != < > <= >= in !");
  }
  Node node{NodeKind::match, value.span, op.text, {}, false};
  Node left = expressions_.read(member(value, "left"));
  Node right = expressions_.read(member(value, "right"));
  const bool is_concat = left.kind == NodeKind::concat;
  const bool is_known =
      is_concat
          ? std::ranges::all_of(
                left.children, [](const Node& part) { return is_key(part) || !has_selector(part); })
          : is_key(left);
  if (!is_known || has_selector(right)) unknown_json(value, "a comparison");
  if (op.text == "in") node.text = "";
  if (op.text == "!") {
    node.text = "";
    Node inner = std::move(right);
    right = {NodeKind::negation, inner.span, "!", {}, false};
    right.children.push_back(std::move(inner));
  }
  node.children.push_back(std::move(left));
  node.children.push_back(std::move(right));
  return node;
}

Node JsonStatementReader::read_vmap(const JsonValue& value) {
  Node node{NodeKind::vmap, value.span, "vmap", {}, false};
  node.children.push_back(expressions_.read(member(value, "key")));
  node.children.push_back(expressions_.read_map(member(value, "data")));
  if (has_selector(node.children[1])) unknown_json(value, "a map");
  return node;
}

Node JsonStatementReader::read_mangle(const JsonValue& value) {
  const Node key = expressions_.read(member(value, "key"));
  if (key.kind != NodeKind::selector) unknown_json(value, "something to set");
  Node node{NodeKind::assign, value.span, key.text, {}, false};
  node.children.push_back(expressions_.read(member(value, "value")));
  return node;
}

Node JsonStatementReader::read_reject(const JsonValue& value) {
  Node node = statement(value, "reject");
  const std::string_view type = value.text_of("type");
  if (type.empty()) return node;
  constexpr std::array types = {"tcp reset", "icmp", "icmpv6", "icmpx"};
  if (std::ranges::find(types, type) == types.end()) {
    refuse_json(member(value, "type"), "tcp reset, icmp, icmpv6 or icmpx");
  }
  if (type == "tcp reset" || value.find("expr") == nullptr) {
    node.children.push_back({NodeKind::argument, value.span, type, {}, false});
  } else {
    add_argument(node, value, "expr", type);
  }
  return node;
}

Node JsonStatementReader::read_nat(const JsonValue& value) {
  Node node = statement(value, value.key);
  const std::string_view family = value.text_of("family");
  if (family == "ip" || family == "ip6") {
    node.children.push_back({NodeKind::argument, value.span, family, {}, false});
  } else if (!family.empty()) {
    refuse_json(member(value, "family"), "ip or ip6");
  }
  add_words(node, value, "type_flags");
  add_argument(node, value, "addr", "address");
  add_argument(node, value, "port", "port");
  add_words(node, value, "flags");
  return node;
}

// With the arguments that text has: a rate of packets without a unit, the usual burst unsaid.
Node JsonStatementReader::read_limit(const JsonValue& value) {
  Node node = statement(value, "limit");
  const auto add = [&](std::string_view name, std::string_view text) {
    Node argument{NodeKind::argument, value.span, name, {}, false};
    argument.children.push_back({NodeKind::symbol, value.span, text, {}, false});
    node.children.push_back(std::move(argument));
  };
  const JsonValue* inverted = value.find("inv");
  if (inverted != nullptr && inverted->is_true()) add("over", "over");
  add("number", member(value, "rate").text);
  const std::string_view unit = value.text_of("rate_unit");
  if (!unit.empty() && unit != "packets") add("unit", unit);
  const std::string_view per = value.text_of("per");
  add("time", per.empty() ? "second" : per);
  const JsonValue* burst = value.find("burst");
  if (burst != nullptr && burst->text != "0") add("burst", burst->text);
  return node;
}

Node JsonStatementReader::read_queue(const JsonValue& value) {
  Node node = statement(value, "queue");
  add_argument(node, value, "num", "number");
  add_words(node, value, "flags");
  return node;
}

Node JsonStatementReader::read_values(const JsonValue& value, std::string_view text) {
  Node node = statement(value, text);
  for (const std::string_view name : {"addr", "dev"}) add_argument(node, value, name, name);
  return node;
}

Node JsonStatementReader::read_named(const JsonValue& value, std::string_view text) {
  Node node = statement(value, text);
  const bool is_map = value.is(JsonKind::object) && value.find("map") != nullptr;
  if (!is_map && !value.is(JsonKind::string)) return node;
  Node name{NodeKind::argument, value.span, "name", {}, false};
  name.children.push_back(is_map ? expressions_.read(value)
                                 : Node{NodeKind::quoted, value.span, value.text, {}, false});
  node.children.push_back(std::move(name));
  return node;
}

// {"set": {"op": "add", "elem": KEY, "set": "@name", "stmt": [ ... ]}}, and the same of a map
Node JsonStatementReader::read_set_update(const JsonValue& value, const Span& span) {
  const bool is_map = value.key == "map";
  const JsonValue& name = member(value, value.key);
  if (!name.text.starts_with('@')) refuse_json(name, "@ and the name of a set");
  Node node = statement(value, "set update");
  Node set{NodeKind::argument, name.span, "set", {}, false};
  set.children.push_back({NodeKind::set_name, name.span, name.text.substr(1), {}, false});
  node.children.push_back(std::move(set));
  Node key = expressions_.read(member(value, "elem"));
  if (const JsonValue* statements = value.find("stmt")) {
    for (const JsonValue* each : values_of(*statements)) {
      key.has_condition = key.has_condition || is_condition(*each);
    }
  }
  Node element{NodeKind::argument, span, "element", {}, false};
  element.children.push_back(std::move(key));
  if (is_map) element.children.push_back(expressions_.read(member(value, "data")));
  node.children.push_back(std::move(element));
  const JsonValue* operation = value.find("op");
  if (operation != nullptr && operation->text == "delete") {
    node.children.push_back({NodeKind::argument, operation->span, "delete", {}, false});
  }
  return node;
}

Node JsonStatementReader::read_meter(const JsonValue& value, const Span& span) {
  Node node = statement(value, "meter");
  Node key = expressions_.read(member(value, "key"));
  key.has_condition = is_condition(member(value, "stmt"));
  Node element{NodeKind::argument, span, "element", {}, false};
  element.children.push_back(std::move(key));
  node.children.push_back(std::move(element));
  return node;
}

}  // namespace untrack::nft
