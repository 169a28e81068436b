// ExpressionReader: the expressions of nft(8) as nodes: what stands left of a comparison
// (selectors), what stands right of it (values, ranges, sets), and variables, which are replaced by
// what they stand for. Used by the reader of statements and that of commands.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/ruleset.hpp"
#include "parser/nft/node.hpp"
#include "parser/nft/token_stream.hpp"

namespace untrack::nft {

// `define` and what stands for it, block by block: the innermost block is asked first.
class Variables {
 public:
  void open_block() { blocks_.emplace_back(); }
  void close_block() { blocks_.pop_back(); }
  // False if the block has it already and `redefine` was not said.
  bool define(std::string_view name, Node value, bool redefine);
  bool undefine(std::string_view name);
  [[nodiscard]] const Node* find(std::string_view name) const;
  [[nodiscard]] std::vector<std::string_view> names() const;

 private:
  std::vector<std::unordered_map<std::string_view, Node>> blocks_ =
      std::vector<std::unordered_map<std::string_view, Node>>(1);
};

class ExpressionReader {
 public:
  // All are to outlive the reader.
  ExpressionReader(TokenStream& in, Ruleset& ruleset, const Variables& variables)
      : in_(in), ruleset_(ruleset), variables_(variables) {}

  // Reads the rules of `jump { ... }` and gives the name of the chain that holds them; none where
  // no chain can be made.
  std::function<std::string_view()> read_inline_chain;

  // Whether a selector begins here: `tcp dport`, `meta mark`, `iifname`, `@th,16,16` ...
  [[nodiscard]] bool begins_selector() const;
  // One or more, joined by `.`.
  Node read_key();
  Node read_selector();

  // Whether selectors may stand in a value: in what statements set, never in comparisons.
  enum class Selectors : bool { no, yes };
  // A value as it stands right of a comparison: sets, ranges, lists of flags.
  Node read_value(Selectors selectors = Selectors::no);
  // The same without a list: in sets and arguments `,` belongs to others.
  Node read_part(Selectors selectors = Selectors::no);
  // { ... }; `in` is in front of the brace.
  Node read_set(Selectors selectors = Selectors::no) { return read_elements(selectors, nullptr); }
  // The same of a set with a name, which may have millions of elements: what is read is handed over
  // from time to time, in front of more elements, and what comes back has the rest of them.
  Node read_set_in_batches(const std::function<void(const Node&)>& hand_over) {
    return read_elements(Selectors::no, &hand_over);
  }
  // accept, drop, jump CHAIN ...
  [[nodiscard]] bool begins_verdict() const;
  Node read_verdict();
  // What $name stands for; `in` is in front of the `$`.
  Node read_variable();

  // A text that lives as long as the ruleset.
  std::string_view keep(std::string text);

 private:
  using HandOver = std::function<void(const Node&)>;
  Node read_elements(Selectors selectors, const HandOver* hand_over);
  Node read_operand(Selectors selectors);
  Node read_bits(Selectors selectors);
  Node read_concat(Selectors selectors);
  Node read_element(Selectors selectors);
  bool read_element_option(Node& element);
  Node node(NodeKind kind, std::size_t first, std::string_view text,
            std::vector<Node> children = {}) const;
  Node read_header(std::size_t first);
  Node read_raw(std::size_t first);
  Node read_ct(std::size_t first);
  Node read_fib(std::size_t first);
  Node read_hash(std::size_t first);
  Node read_words(std::size_t first, std::initializer_list<std::string_view> optional,
                  std::string_view keys);
  std::string_view operator_here() const;

  // Guards against nesting that would exhaust the stack.
  class Depth {
   public:
    explicit Depth(ExpressionReader& reader) : reader_(reader) {
      constexpr std::size_t deepest = 64;
      if (++reader_.depth_ > deepest) {
        --reader_.depth_;
        reader_.in_.fail("less nesting", "No ruleset needs that many levels; nft refuses it, too.");
      }
    }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;
    ~Depth() { --reader_.depth_; }

   private:
    ExpressionReader& reader_;
  };

  TokenStream& in_;
  Ruleset& ruleset_;
  const Variables& variables_;
  std::unordered_map<std::string, std::string_view> kept_;
  std::size_t depth_ = 0;
  std::size_t expanded_ = 0;  // what variables stood for so far, in nodes
};

}  // namespace untrack::nft
