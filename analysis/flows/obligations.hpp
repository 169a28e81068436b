// The obligations that a rewrite has to its original (docs/obligations.md): no new initiator, no
// broken flow, every exposure justified and listed, tracking gone. For any two rulesets, whoever
// wrote the second. Used by `verify`, and by `rewrite` before it gives anything away.
#pragma once

#include <cstdint>
#include <optional>

#include "analysis/certificate/certificate.hpp"
#include "analysis/flows/world.hpp"

namespace untrack {

// Whether the rules are searched that let in what is exposed.
enum class Causes : std::uint8_t { listed, left_out };

// `world` holds the original as program 0 and the rewritten ruleset as program 1.
// Tries to prove without any assumption first, so that what needs none says so. Never throws
// BudgetExhausted: what was too much is "not checked".
[[nodiscard]] Certificate check_obligations(World& world, RewriteMode mode,
                                            const Assumptions& assumptions,
                                            const DiagramLimits& limits = {},
                                            Causes causes = Causes::listed);

}  // namespace untrack
