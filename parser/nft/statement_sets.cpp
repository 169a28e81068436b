// Statements that fill sets and flowtables, as nft(8), "STATEMENTS", gives their forms.
#include "model/catalog/nft_expressions.hpp"
#include "parser/nft/statements.hpp"

namespace untrack::nft {

using catalog::has_word;

// add|update|delete @SET { KEY [options] [: VALUE] }, and the older `set add KEY @SET`
Node StatementReader::read_set_update(std::string_view word, std::size_t first) {
  constexpr auto any = ExpressionReader::Selectors::yes;
  in_.next();
  std::vector<Node> arguments;
  const bool is_older = word == "set";
  if (is_older) word = in_.text(in_.expect_word("add, update or delete"));
  if (!has_word("add update delete", word)) in_.fail("add, update or delete");
  const std::size_t at = in_.position();
  std::vector<Node> parts;
  if (is_older) {
    parts.push_back(expressions_.read_part(any));
    while (in_.accept_word("timeout")) {
      in_.next();
      parts.front().has_timeout = true;
    }
    if (in_.accept_symbol(":")) (void)expressions_.read_part(any);
  }
  in_.expect_symbol("@", "in front of the name of a set");
  const std::size_t name = in_.position();
  const Token set = in_.expect_name("the name of a set");
  std::vector<Node> names;
  names.push_back({NodeKind::set_name, in_.span_since(name), in_.text(set), {}, false});
  if (!is_older) {
    const std::size_t begin = in_.position();
    parts.push_back(expressions_.read_set(any));
    if (parts.back().children.size() != 1) {
      throw SyntaxError{in_.span_since(begin), "not one element", "nft refuses it",
                        "Write a statement for each.", true};
    }
  }
  arguments.push_back(argument(name, "set", std::move(names)));
  arguments.push_back(argument(at, "element", std::move(parts)));
  if (word == "delete") arguments.push_back(argument(at, "delete", {}));
  return statement(first, "set update", std::move(arguments));
}

// meter NAME [size N] { KEY STATEMENT }
Node StatementReader::read_meter(std::size_t first) {
  in_.next();
  const std::size_t at = in_.position();
  in_.expect_word("the name of the meter");
  if (in_.accept_word("size")) in_.expect_word("a number");
  std::vector<Node> parts;
  parts.push_back(expressions_.read_set(ExpressionReader::Selectors::yes));
  std::vector<Node> arguments;
  arguments.push_back(argument(at, "element", std::move(parts)));
  return statement(first, "meter", std::move(arguments));
}

// flow add @FLOWTABLE, older: flow offload @FLOWTABLE, flow table NAME { ... }
Node StatementReader::read_flow(std::size_t first) {
  in_.next();
  if (in_.is_word("table") || in_.is_symbol("{")) {
    if (in_.accept_word("table")) in_.expect_word("the name of the table");
    std::vector<Node> parts;
    const std::size_t at = in_.position();
    parts.push_back(expressions_.read_set(ExpressionReader::Selectors::yes));
    std::vector<Node> arguments;
    arguments.push_back(argument(at, "element", std::move(parts)));
    return statement(first, "meter", std::move(arguments));
  }
  if (!in_.accept_word("add") && !in_.accept_word("offload")) in_.fail("add");
  in_.expect_symbol("@", "in front of the name of a flowtable");
  in_.expect_name("the name of a flowtable");
  return statement(first, "flow add");
}

}  // namespace untrack::nft
