// NftNamedValues: the sets of a table that have a name, so that rules of a rewrite name them, too,
// where they ask for what one of them holds. Used by the spellers of nft.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "model/ruleset.hpp"

namespace untrack {

// A range for each of the fields that a set combines.
using NftElement = std::vector<Interval>;

[[nodiscard]] bool is_less(const NftElement& a, const NftElement& b);

// What a set that has a name holds, sorted.
struct NftNamedValues {
  std::string_view name;
  std::string_view type;                      // "ipv4_addr", "ipv4_addr . inet_service"
  std::vector<Interval> values;               // of one field, neighbours as one
  std::vector<NftElement> combinations = {};  // of several
};

// Of the sets of the table that are fully known, and hold more than a value.
[[nodiscard]] std::vector<NftNamedValues> nft_named_values(const Ruleset& ruleset, TableId table);

// The name of the set that holds just these; empty: there is none.
[[nodiscard]] std::string_view nft_set_of(std::span<const NftNamedValues> sets, Field field,
                                          IpVersion version, const std::vector<Interval>& values);

}  // namespace untrack
