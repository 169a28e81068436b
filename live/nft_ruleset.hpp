// nf_tables as nft prints it, through libnftables, which is what the program nft consists of. Used
// by live/read.cpp, in processes that in_child made.
#pragma once

#include <string>

namespace untrack::live {

// Prints what `nft COMMAND` prints to standard output. False, with the reason on standard error, if
// it did not work or nft has a complaint, since what it complains of may be missing in its text.
[[nodiscard]] bool print_nft(const std::string& command);

}  // namespace untrack::live
