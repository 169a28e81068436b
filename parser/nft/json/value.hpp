// JsonValue: a text of JSON as a tree of values that know where they stand. Used by the readers of
// what `nft -j` prints and takes. Strict as RFC 8259 has it, as is the reader of nft; linear in the
// size of the text.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model/source_text.hpp"

namespace untrack::nft {

enum class JsonKind : std::uint8_t { null, boolean, number, string, array, object };

struct JsonValue {
  JsonKind kind{};
  Span span;
  std::string_view text;  // of a string without quotes and escapes; a number, true or false as is
  std::string_view key;   // of a member of an object
  std::vector<JsonValue> children;

  [[nodiscard]] bool is(JsonKind other) const { return kind == other; }
  [[nodiscard]] bool is_true() const { return kind == JsonKind::boolean && text == "true"; }
  // The member of that name, the last of several, as nft takes it; nullptr if there is none.
  [[nodiscard]] const JsonValue* find(std::string_view name) const;
  // The text of the member of that name if that is a string; "" otherwise.
  [[nodiscard]] std::string_view text_of(std::string_view name) const;
};

// Keeps a text that stands in no source for as long as the values live.
using KeepText = std::function<std::string_view(std::string)>;

// Throws SyntaxError, with the place of the first byte that is not JSON, and for values nested
// deeper than any ruleset needs.
[[nodiscard]] JsonValue read_json(SourceId source, std::string_view text, const KeepText& keep);

}  // namespace untrack::nft
