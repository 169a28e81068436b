// are_alike: whether two layouts have the same variables on the same levels, and atoms that mean
// the same, so that a set of packets of one is that of the other. Used by World, which may take
// another program in then.
#pragma once

#include "analysis/packet/layout.hpp"

namespace untrack {

[[nodiscard]] bool are_alike(const Layout& a, const Layout& b);

}  // namespace untrack
