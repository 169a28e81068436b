// How a NamedSet says that its elements have rates or quotas of their own: a word behind those that
// its keys name. A look-up that finds such an element may break off the rule all the same. Written
// by the reader of nft, read by analysis/.
#pragma once

#include <algorithm>
#include <string_view>

#include "model/ruleset.hpp"

namespace untrack {

inline constexpr std::string_view word_of_rates = "rates #";

[[nodiscard]] inline bool has_rates(const NamedSet& set) {
  return std::ranges::any_of(set.words,
                             [](std::string_view word) { return word.starts_with(word_of_rates); });
}

}  // namespace untrack
