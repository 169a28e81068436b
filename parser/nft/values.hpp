// Values of nft as numbers: what stands right of a comparison, in sets and behind variables, by the
// type of what it is compared with. Used by the lowering of rules and by the reader of sets.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "model/catalog/nft_expressions.hpp"
#include "model/ruleset.hpp"
#include "parser/nft/node.hpp"

namespace untrack::nft {

// The values of a node (symbol, prefix, range, and binary or list for flags), in the units of the
// Field that the type stands for: an ICMP type is all its codes. nullopt: may be right, but is not
// a number that is known here (a host name, an arithmetic expression). Throws SyntaxError for what
// nft refuses: a word that the type does not have, a range that ends before it begins.
[[nodiscard]] std::optional<Interval> interval_of(catalog::NftType type, const Node& node,
                                                  unsigned bits = 0);

// One number; flags joined by `,` and `|` are one, too.
[[nodiscard]] std::optional<Number> number_of(catalog::NftType type, const Node& node,
                                              unsigned bits = 0);

// Throws SyntaxError for what nft refuses right of a comparison with the expression, whether the
// comparison is computed here or not: a word or number that its type does not have, a list or `!`
// where nothing is a flag.
void check_values(const catalog::NftExpression& row, const Node& right);

// What `*` stands for in a set: all that a field of the type may hold.
[[nodiscard]] Interval every_value(catalog::NftType type);

// An interface by its name; a `*` at the end stands for all that begin so.
[[nodiscard]] NamePattern name_of(const Node& node);

// Decimal, 0x hexadecimal or 0 octal, as nft reads them.
[[nodiscard]] std::optional<Number> plain_number(std::string_view text);

// 5, 10s, 1h30m, 500ms, in milliseconds; a number alone is seconds, or of JSON. Nothing: no time.
[[nodiscard]] std::optional<std::uint64_t> time_in_ms(std::string_view text);

}  // namespace untrack::nft
