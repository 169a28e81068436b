// The steps of an unload, as values with their shell text. Used by plan.cpp; printed by script.cpp
// and report/.
#pragma once

#include <string_view>
#include <vector>

#include "rewriter/unload/plan.hpp"

namespace untrack {

// For the order of removal in `plan`; checks first, then what changes the host, each with its undo.
[[nodiscard]] std::vector<UnloadStep> unload_steps(const UnloadPlan& plan);

// The step that removes one module. `module` may be a word of the shell that names it, so that the
// script spells the same step once for all modules.
[[nodiscard]] UnloadStep removal_step(std::string_view module);
inline constexpr std::string_view removal_prefix = "remove-";

}  // namespace untrack
