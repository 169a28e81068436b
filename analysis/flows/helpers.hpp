// Helpers: which constructs of iptables have to do with what reads a protocol (FTP, SIP) to expect
// its further flows. Read by the flows and obligations for the assumption helpers_unused, and by
// the stateless rewrite, which may leave them out under it.
#pragma once

#include "model/ruleset.hpp"

namespace untrack {

// CT --helper.
[[nodiscard]] bool assigns_helper(const Ruleset& ruleset, const Construct& construct);
// CT --helper that does nothing beside: no zone, no timeout, no events.
[[nodiscard]] bool only_assigns_helper(const Ruleset& ruleset, const Construct& construct);
// -m helper: true of what a helper expected, of no other flow (xt_helper.c, 6.1).
[[nodiscard]] bool asks_for_helper(const Construct& construct);

}  // namespace untrack
