// notrack_instead: what stands in a refusal of a stateless rewrite where NOTRACK may do instead.
// Written by the planners; app/pipeline/rewrite takes it out again where NOTRACK does nothing.
#pragma once

#include <string_view>

namespace untrack {

inline constexpr std::string_view notrack_instead =
    "untrack rewrite --mode notrack leaves it as it is, and untracks what does not need it";

}  // namespace untrack
