// StatementReader: the statements of one rule as nodes, in their order: comparisons, verdict maps,
// and what nft(8), "STATEMENTS", lists. Used by the reader of commands.
#pragma once

#include <string_view>
#include <vector>

#include "parser/nft/expressions.hpp"
#include "parser/nft/node.hpp"
#include "parser/nft/token_stream.hpp"

namespace untrack::nft {

class StatementReader {
 public:
  // Both are to outlive the reader.
  StatementReader(TokenStream& in, ExpressionReader& expressions)
      : in_(in), expressions_(expressions) {}

  // All statements up to the end of the rule, which is left to the caller. Throws SyntaxError.
  std::vector<Node> read_rule();
  // One.
  Node read();
  // A limit or quota behind that word, as it stands in an object, too.
  Node read_rate_body(std::string_view word, std::size_t first);

 private:
  Node read_key_statement(std::size_t first);
  void read_class_of_tc();
  Node read_named(std::string_view word, std::size_t first);
  Node read_counter(std::size_t first);
  Node read_rate(std::string_view word, std::size_t first);
  Node read_log(std::size_t first);
  Node read_reject(std::size_t first);
  Node read_nat(std::string_view word, std::size_t first);
  Node read_queue(std::size_t first);
  Node read_copy(std::string_view word, std::size_t first);
  Node read_tproxy(std::size_t first);
  Node read_synproxy(std::size_t first);
  Node read_ct(std::size_t first);
  Node read_set_update(std::string_view word, std::size_t first);
  Node read_meter(std::size_t first);
  Node read_flow(std::size_t first);

  // `TEXT`, whose words are those read since `first`.
  Node statement(std::size_t first, std::string_view text, std::vector<Node> arguments = {}) const;
  Node argument(std::size_t first, std::string_view name, std::vector<Node> values = {}) const;
  void expect_number();
  void read_log_option(std::string_view word);
  void read_log_flags();
  void check_queue(const std::vector<Node>& arguments, bool has_expression) const;
  void read_flags(std::vector<Node>& arguments, std::string_view words);
  // address, address range, :port, map ... behind `to`.
  void read_target(std::vector<Node>& arguments);
  [[nodiscard]] bool has_operator() const;
  std::string_view read_operator();

  TokenStream& in_;
  ExpressionReader& expressions_;
};

}  // namespace untrack::nft
