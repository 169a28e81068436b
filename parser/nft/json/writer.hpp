// Statements of nft as JSON (libnftables-json(5)): those that rewrites write. Used by
// items.cpp alone, which reads what comes out as whoever is given it will.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "parser/nft/node.hpp"

namespace untrack::nft {

[[nodiscard]] std::string json_string(std::string_view text);
// Of a statement as the reader of text made it; nullopt: no rewrite writes such a one.
[[nodiscard]] std::optional<std::string> json_of(const Node& statement);

}  // namespace untrack::nft
