// A table of nf_tables that is iptables-nft's, all of whose rules it made, as iptables-nft-save
// prints it: nft has no words for some of its extensions. Read through libnftnl; used by
// live/read.cpp.
#pragma once

#include <string>

#include "live/nft_tables.hpp"

namespace untrack::live {

// Whether iptables-nft has a table of that name in that family; its chains are not looked at.
[[nodiscard]] bool is_named_as_of_iptables(const NftTable& table);

// Prints the table to standard output, in a process that in_child made. False, with the reason on
// standard error, if it cannot be read, or has something that iptables-nft does not make.
[[nodiscard]] bool print_compat_table(const NftTable& table);

}  // namespace untrack::live
