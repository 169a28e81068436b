// The value of a variable whose definition was not understood: who uses it is told that, and not
// that there is no such variable. Made by the reader of definitions, known by that of expressions.
#pragma once

#include "parser/nft/node.hpp"

namespace untrack::nft {

inline constexpr std::string_view unread_definition = "a definition that was not understood";

[[nodiscard]] inline Node unread_variable(const Span& span) {
  return {NodeKind::statement, span, unread_definition, {}, false};
}

[[nodiscard]] inline bool is_unread_variable(const Node& value) {
  return value.kind == NodeKind::statement && value.text == unread_definition;
}

}  // namespace untrack::nft
