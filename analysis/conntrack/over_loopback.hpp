// By which interfaces packets of a rule come in, as far as its tests of them say. What comes back
// over lo has the state that it got on its way out, also ahead of the tracker. Used by UT317 and by
// the purposes of state matches.
#pragma once

#include "model/ruleset.hpp"

namespace untrack {

struct IncomingInterfaces {
  bool may_be_lo = true;
  bool may_be_others = true;
};

[[nodiscard]] IncomingInterfaces incoming_interfaces(const Ruleset& ruleset, const Rule& rule);

}  // namespace untrack
