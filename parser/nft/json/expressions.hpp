// JsonExpressionReader: the expressions of libnftables-json(5) as the nodes that the text of nft is
// read into, so that both have one meaning. Used by the reader of statements in JSON and by that of
// sets.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/ruleset.hpp"
#include "parser/nft/json/value.hpp"
#include "parser/nft/node.hpp"

namespace untrack::nft {

// What stands there has not the form that nft wants.
[[noreturn]] void refuse_json(const JsonValue& value, std::string_view expected);
// It may be right, and is only not known here.
[[noreturn]] void unknown_json(const JsonValue& value, std::string_view what);

// The only member of an object; refuses what has none or several.
[[nodiscard]] const JsonValue& only_member(const JsonValue& value);
// The member of that name; refuses where it is missing.
[[nodiscard]] const JsonValue& member(const JsonValue& value, std::string_view name);
// The values of an array; one that is no array stands for itself.
[[nodiscard]] std::vector<const JsonValue*> values_of(const JsonValue& value);

class JsonExpressionReader {
 public:
  // `ruleset` is to outlive the reader.
  explicit JsonExpressionReader(Ruleset& ruleset) : ruleset_(ruleset) {}

  // Whether [a, b] among the elements of a set is a key with what it stands for, or two flags.
  enum class Pairs : bool { no, yes };

  // Any expression. All may throw SyntaxError.
  Node read(const JsonValue& value, Pairs pairs = Pairs::no);
  // What a map is: its name, or the pairs of key and value.
  Node read_map(const JsonValue& value) { return read(value, Pairs::yes); }
  // The elements of a set as they stand in an array.
  Node read_elements(const JsonValue& value, Pairs pairs);
  Node read_verdict(const JsonValue& value);
  [[nodiscard]] static bool is_verdict(std::string_view word);

  // A text that lives as long as the ruleset.
  std::string_view keep(std::string text);

 private:
  Node read_object(const JsonValue& value, Pairs pairs);
  Node read_element(const JsonValue& value, Pairs pairs);
  Node read_bits(const JsonValue& value);
  // selectors.cpp. False for what is none.
  bool read_selector(const JsonValue& value, Node& node);
  std::string payload_text(const JsonValue& value) const;
  std::string header_text(const JsonValue& value) const;
  std::string option_text(const JsonValue& value) const;
  std::string hash_text(const JsonValue& value, Node& node);

  Ruleset& ruleset_;
  std::unordered_map<std::string, std::string_view> kept_;
};

}  // namespace untrack::nft
