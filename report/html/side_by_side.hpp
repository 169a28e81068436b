// A difference of two texts, before at the left and after at the right; on a narrow screen one
// below the other, as unified differences are. Used by the page of a rewrite.
#pragma once

#include <string>

#include "rewriter/unified_diff.hpp"

namespace untrack::html {

// Empty for an empty difference. Of a very long one the first lines, and how many are left out.
[[nodiscard]] std::string side_by_side(const UnifiedDiff& diff);

}  // namespace untrack::html
