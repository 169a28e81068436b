// Node: one expression or statement of nft as it was read, before anything is known of its meaning.
// Made by the readers of text and of JSON alike, turned into the model by lowering.hpp, and gone
// after that: one rule at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/source_text.hpp"

namespace untrack::nft {

enum class NodeKind : std::uint8_t {
  // Values.
  symbol,    // a bare word, number or address
  quoted,    // "text"; `text` is without the quotes
  set_name,  // @name
  any,       // *, what no other element matches
  prefix,    // value / length
  range,     // first - last
  set,       // { ... }: elements, or mappings
  mapping,   // key : value
  concat,    // a . b
  list,      // a, b
  binary,    // a & b; `text` is the operator
  negation,  // ! a, with flags
  selector,  // something of the packet: `text` is "tcp dport"; children: what a hash is made of
  map,       // selector map { ... }: two children
  verdict,   // `text` is the word; children: the chain of jump and goto
  // Statements.
  match,      // `text` is the operator, "" for none; two children
  vmap,       // two children: key and set
  assign,     // selector set value; `text` is the selector, one child
  statement,  // anything else; `text` is its first word or words, children are arguments
  argument,   // `text` is its name ("to", "prefix" ...), children its values
};

struct Node {
  NodeKind kind{};
  Span span;
  std::string_view text;
  std::vector<Node> children;
  // An element with statements of its own: a rate, a quota, ct count.
  bool has_condition = false;
  // An element that leaves its set after a time.
  bool has_timeout = false;
  // A hash of the words of both: 0 where there are none.
  std::uint64_t options = 0;

  // The argument of that name, or nullptr.
  [[nodiscard]] const Node* argument(std::string_view name) const {
    for (const Node& child : children) {
      if (child.kind == NodeKind::argument && child.text == name) return &child;
    }
    return nullptr;
  }
};

// One spelling of a node, so that equal expressions have equal texts.
[[nodiscard]] std::string text_of(const Node& node);
void append_text(std::string& text, const Node& node);
// The same, with the elements of each set in one order, whatever order they were written in.
[[nodiscard]] std::string ordered_text_of(const Node& node);

}  // namespace untrack::nft
