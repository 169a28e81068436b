// How an address is written: "192.0.2.1", "2001:db8::1" as inet_ntop(3) does. Used by the reader
// for normal forms, and by whatever describes packets.
#pragma once

#include <string>

#include "model/match.hpp"
#include "model/vocabulary.hpp"

namespace untrack {

// `address` in host byte order; bits above those of the family are left aside.
[[nodiscard]] std::string address_text(Number address, IpVersion version);

}  // namespace untrack
