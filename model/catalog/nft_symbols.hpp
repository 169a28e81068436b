// The names that nft has for values (nft(8), "DATA TYPES"; `nft describe`), apart from protocols
// and services, which have tables of their own. Read by parser/nft.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/catalog/nft_expressions.hpp"

namespace untrack::catalog {

// What nft knows of the values of a type.
struct NftDatatype {
  NftType type{};
  std::string_view word;  // behind `type` of a set
  std::string_view noun;  // "an IPv4 address"
  unsigned bits = 32;
  bool is_bitmask = false;      // lists and `!` are of these alone
  bool has_more_words = false;  // names that the host knows: of marks, of hosts
};
[[nodiscard]] const NftDatatype& nft_datatype(NftType type);
// The type of a word behind `type` of a set; `other` for those that are read as text.
[[nodiscard]] NftType nft_type_of_word(std::string_view word);

// The value of a name of this type; nullopt if it has none.
[[nodiscard]] std::optional<std::uint64_t> nft_symbol(NftType type, std::string_view name);

// All names of the type, for the nearest right word.
[[nodiscard]] std::vector<std::string_view> nft_symbol_names(NftType type);

// The priority of a name in a chain of this family: `filter`, `raw` ... (nft(8), table "Standard
// priority names"); nullopt if the family has none of that name.
[[nodiscard]] std::optional<int> nft_priority(Family family, std::string_view name);

}  // namespace untrack::catalog
