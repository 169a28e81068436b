// The nearest right word for a wrong one: "did you mean". Used wherever an error can name it.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace untrack {

// The candidate with the fewest typing errors (a letter too many, missing, wrong, or two swapped;
// case aside) if that is at most a third of the word, the first of several; nullopt if none is
// near. Costs |word| * |candidate| each; words of more than 64 bytes have no neighbours.
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view word,
                                                      std::span<const std::string_view> candidates);

}  // namespace untrack
