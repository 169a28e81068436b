// JsonStatementReader: the statements of libnftables-json(5) as the nodes that the text of nft is
// read into. Used by the reader of rules in JSON.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "parser/nft/json/expressions.hpp"
#include "parser/nft/json/value.hpp"
#include "parser/nft/node.hpp"

namespace untrack::nft {

class JsonStatementReader {
 public:
  // Both are to outlive the reader.
  JsonStatementReader(Ruleset& ruleset, JsonExpressionReader& expressions)
      : ruleset_(ruleset), expressions_(expressions) {}

  // Make the chain of `jump { ... }` and put a rule into it.
  std::function<std::string_view(const Span&)> make_inline_chain;
  std::function<void(std::string_view, const std::vector<Node>&, const Span&)> add_inline_rule;

  // The statements of a rule: its "expr". Throws SyntaxError.
  std::vector<Node> read_rule(const JsonValue& statements);
  // One: an object with one member.
  Node read(const JsonValue& value);

 private:
  std::vector<Node> read_text(const JsonValue& value);
  Node read_statement(const JsonValue& value, const Span& span);
  Node read_match(const JsonValue& value);
  Node read_vmap(const JsonValue& value);
  Node read_mangle(const JsonValue& value);
  Node read_reject(const JsonValue& value);
  Node read_nat(const JsonValue& value);
  Node read_queue(const JsonValue& value);
  Node read_set_update(const JsonValue& value, const Span& span);
  Node read_meter(const JsonValue& value, const Span& span);
  Node read_limit(const JsonValue& value);
  // What may be an object's name, or a map of names.
  Node read_named(const JsonValue& value, std::string_view text);
  // Arguments that only say which packets or values are meant.
  Node read_values(const JsonValue& value, std::string_view text);

  void add_argument(Node& node, const JsonValue& value, std::string_view name,
                    std::string_view argument);
  static void add_words(Node& node, const JsonValue& value, std::string_view name);

  Ruleset& ruleset_;
  JsonExpressionReader& expressions_;
};

}  // namespace untrack::nft
