// Whether a ruleset asks in which way a packet was cut into fragments, beyond "is it a later one",
// which is a field of its own. Used by the obligations and by the recheck: where a rewrite ends
// reassembly such a test, never true before, may become true of first fragments.
#pragma once

#include "model/ruleset.hpp"

namespace untrack {

// True where a condition that is kept as text may look at the fragment fields of a header: `ip
// frag-off`, `frag`, `exthdr frag`, -m frag, -m ipv6header, and what reads bytes by their place
// (-m u32, -m bpf, `@nh`). Linear in the parts of the rules.
[[nodiscard]] bool asks_about_fragments(const Ruleset& ruleset);

}  // namespace untrack
