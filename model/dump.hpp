// dump: a ruleset as an exact, stable s-expression. Two rulesets with the same dump mean the same;
// tests compare it, and `-D` finds the rule it names with it. Not a format for users: it may change
// with the model.
#pragma once

#include <string>

#include "model/ruleset.hpp"

namespace untrack {

// Tables, chains and rules as they stand after all commands, then sets, then problems with their
// place. Spans are printed as line:column-line:column where they say something the order does not.
[[nodiscard]] std::string dump(const Ruleset& ruleset, const Sources& sources);

// What one rule tests and does, without where it stands and without counters: equal texts are equal
// rules for `iptables -D`.
[[nodiscard]] std::string dump_specification(const Ruleset& ruleset, const Rule& rule);

}  // namespace untrack
