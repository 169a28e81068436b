// The statements of rules in JSON in the words of nft's text, as far as a rewrite needs them: what
// they ask of packets and what they do, without what no packet tells (the level of a log, counted
// packets). Used by items.cpp alone.
#pragma once

#include <optional>
#include <string>

#include "parser/nft/json/value.hpp"
#include "parser/nft/node.hpp"

namespace untrack::nft {

// Of a comparison, a value, a verdict. nullopt: it has no words here.
[[nodiscard]] std::optional<std::string> words_of(const Node& node);
// Of a statement, as it stands in an "expr" and as it was read.
[[nodiscard]] std::optional<std::string> words_of(const JsonValue& statement, const Node& node);
// A text in quotes, as nft reads it back; nullopt: it cannot be quoted.
[[nodiscard]] std::optional<std::string> quoted_word(std::string_view text);

}  // namespace untrack::nft
