// When one rule can stand in for another: of two that decide a packet alike, if only the decision
// matters of them. What shadows.hpp and redundancy.hpp both take for certain, and analysis/local.
#pragma once

#include "analysis/program/program.hpp"
#include "model/ruleset.hpp"

namespace untrack {

// Accepts, drops or rejects whatever it matches.
[[nodiscard]] bool only_decides(const Ruleset& ruleset, const Rule& rule);

// Some condition of it can turn out another way at another rule, for the same packet: a rate, a
// chance, a time, something that is not computed.
[[nodiscard]] bool asks_beyond_packet(const Program& program, const Rule& rule);

}  // namespace untrack
