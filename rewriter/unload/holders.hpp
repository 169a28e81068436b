// What keeps connection tracking loaded: rules and tables of the given ruleset, loaded modules, the
// kernel itself. The first half of the unload plan; used by plan.cpp.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "rewriter/unload/module_graph.hpp"
#include "rewriter/unload/plan.hpp"

namespace untrack {

// `standing`: the modules that stand on connection tracking, and itself. One holder for each
// construct of a rule that needs one of them, in the order of the text; one for each nat table; one
// for each place that was not understood and may need one.
[[nodiscard]] std::vector<Holder> holders_in_rules(const UnloadInput& input,
                                                   const std::set<std::string>& standing);

// One holder for each loaded module of `standing`, sorted by name, with the references that neither
// other modules nor `in_rules` explain. Empty if the loaded modules are not known.
[[nodiscard]] std::vector<Holder> holders_among_modules(const UnloadInput& input,
                                                        const std::set<std::string>& standing,
                                                        const std::vector<Holder>& in_rules);

// One holder for each of `input.users` that uses tracking. IPVS and Open vSwitch are held to use it
// wherever they are in use.
[[nodiscard]] std::vector<Holder> holders_outside_rules(const UnloadInput& input);

}  // namespace untrack
