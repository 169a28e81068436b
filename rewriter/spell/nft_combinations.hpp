// Many boxes as few rules of nft: those that differ in addresses and ports alone become the
// elements of one set of combinations, `ip saddr . tcp sport { 192.0.2.25 . 25, 192.0.2.80 . 443
// }`. Used where a place has more to say than a person reads as rules; a chain of iptables says the
// same.
#pragma once

#include <vector>

#include "rewriter/spell/nft_matches.hpp"

namespace untrack {

// `boxes` are each of one protocol; together the rules match them, as those of spell_nft() do one
// by one. Elements of a set never overlap, which the kernel refuses.
[[nodiscard]] SpelledBox spell_nft_combined(std::span<const Box> boxes, const Layout& layout,
                                            const NftSpellOptions& options);

}  // namespace untrack
