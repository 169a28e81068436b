// JsonItems: what `nft -j list ruleset` prints, item by item, each rule also in the words of nft's
// text; and rules in words as JSON. Used by rewrites of JSON, which are made on the words and put
// back among the items, all others of which stay as they are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/ruleset.hpp"

namespace untrack::nft {

struct JsonPart {
  std::string words;  // "tcp dport 22"
  std::string json;   // {"match": ...}, as it stands in the text, if it does
};

struct JsonItem {
  enum class Kind : std::uint8_t { other, table, chain, rule };
  Kind kind{};
  Span span;             // in the array "nftables"
  std::string command;   // "add"; empty: as a listing has it
  std::string table;     // "inet filter"; of others empty
  std::string chain;     // "inet filter input"
  Span parts_span = {};  // of a rule: its "expr"
  std::vector<JsonPart> parts = {};
  std::string comment = {};  // `comment "..."`
};

// Why the words of some item cannot be told.
struct JsonObstacle {
  Span span;
  std::string why;
};

struct JsonItems {
  std::vector<JsonItem> items;
  std::optional<JsonObstacle> obstacle;
};

// Of a text that is read without a problem.
[[nodiscard]] JsonItems read_json_items(SourceId source, std::string_view text);

// A rule, or a chain with a hook, of a rewrite: `add rule inet filter input tcp dport 22 accept`.
struct JsonCommand {
  JsonItem::Kind kind{};
  std::string table;
  std::string chain;
  std::vector<JsonPart> parts = {};  // without those about the comment
  std::string comment = {};          // its text
  std::string object = {};           // of a chain: {"family": ...}
  std::string address = {};          // of a rule: "family": "inet", "table": ..., "chain": ...
};

// `known`: parts that stand in the text already, which are taken from there. Nothing: it uses words
// that rewrites do not write.
[[nodiscard]] std::optional<JsonCommand> json_command(std::string_view line,
                                                      const std::vector<JsonPart>& known);

}  // namespace untrack::nft
