// RejectAnswer: what the sender of a rejected packet is told, in one word for iptables and nft.
// Used by side_work.hpp.
#pragma once

#include <string>
#include <string_view>

#include "model/vocabulary.hpp"

namespace untrack {

// "icmp host-unreachable", "tcp reset": in the words of nft. `with`: of a RejectStatement, of
// either language; what is not known stays as it is written.
[[nodiscard]] std::string reject_answer(std::string_view with, IpVersion version);

}  // namespace untrack
