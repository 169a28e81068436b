// Services whose clients send from the port that they send to: rfc5905, rfc2131, rfc7296, rfc6762,
// rfc1001. A client may use another port all the same. For the assumption client_ports; every world
// tells them apart.
#pragma once

#include <cstdint>

namespace untrack {

inline constexpr std::uint16_t symmetric_ports[] = {67, 68, 123, 137, 138, 500, 4500, 5353};

}  // namespace untrack
