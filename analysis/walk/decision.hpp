// Decision: how a packet's way ends, in the words that both walks share.
#pragma once

#include <cstdint>
#include <string_view>

namespace untrack {

enum class Decision : std::uint8_t {
  accept,     // passed every base chain of its way
  drop,       //
  reject,     // dropped, and answered with an ICMP error or a TCP reset
  elsewhere,  // no packet takes this way so: reassembled before, or routed another way
  unknown,  // depends on something that is no condition of a rule, such as where REDIRECT sends it
};
[[nodiscard]] std::string_view to_text(Decision decision);

}  // namespace untrack
