// A packet of a box, to be shown: such as people meet, as far as the box has one.
#pragma once

#include "analysis/recheck/space.hpp"

namespace untrack::boxwise {

[[nodiscard]] Packet usual_packet_of(const Space& space, const Box& box, Path path);

}  // namespace untrack::boxwise
