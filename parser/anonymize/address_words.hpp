// Addresses in a text of rules, wherever they stand, and their replacement. Used by
// parser/anonymize/snapshot.cpp for the texts of all languages, since iptables, nft, ipset and
// conntrack write addresses alike.
#pragma once

#include <string>
#include <string_view>

#include "parser/anonymize/address_map.hpp"

namespace untrack::anonymize {

// Tells the map of every range FIRST-LAST. Returns what cannot be replaced so that the rules mean
// the same (a mask that is no prefix, an address in arithmetic), as it stands there; empty if all
// can.
[[nodiscard]] std::string learn_ranges(std::string_view text, AddressMap& map);

// The text with other addresses; all else is as it was.
[[nodiscard]] std::string with_addresses(std::string_view text, const AddressMap& map);

}  // namespace untrack::anonymize
