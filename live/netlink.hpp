// One question to nf_tables over netlink and all of its answers (libmnl). Used by live/.
#pragma once

#include <cstdint>
#include <functional>

struct nlmsghdr;

namespace untrack::live {

// `message`: NFT_MSG_GETTABLE and the like; `family`: NFPROTO_UNSPEC for all. Asks for all objects,
// where `is_dump`. `take` gets each answer and returns false to give up. False, with the reason on
// standard error unless `take` gave up.
[[nodiscard]] bool ask_nf_tables(std::uint16_t message, std::uint8_t family, bool is_dump,
                                 const std::function<bool(const nlmsghdr&)>& take);

}  // namespace untrack::live
