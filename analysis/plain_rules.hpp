// Plain rules: those of which only the decision matters, so that of two that decide a packet alike
// one can stand for the other. What shadows.hpp and redundancy.hpp both take for certain.
#pragma once

#include "analysis/program/program.hpp"
#include "model/ruleset.hpp"

namespace untrack {

// Accepts, drops or rejects whatever it matches.
[[nodiscard]] bool is_plain(const Ruleset& ruleset, const Rule& rule);

// Some condition of it can turn out another way at another rule, for the same packet: a rate, a
// chance, a time, something that is not computed.
[[nodiscard]] bool differs_by_packet(const Program& program, const Rule& rule);

}  // namespace untrack
