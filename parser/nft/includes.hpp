// includes_of: the names of the files that a nft script includes. Used by app/, which finds them
// before parse() reads them in their place.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace untrack::nft {

// The deepest that nft nests files (MAX_INCLUDE_DEPTH, nft 1.0.6 include/parser.h).
inline constexpr std::size_t deepest_include = 16;

// What stands in quotes behind each `include`, in order, without what stands there before. May name
// more than nft reads, if the text has errors; never less.
[[nodiscard]] std::vector<std::string> includes_of(std::string_view text);

}  // namespace untrack::nft
