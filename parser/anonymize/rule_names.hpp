// The names in a text of rules, in each language by its own places for them: chains, sets, objects,
// interfaces, comments and prefixes of logs. Texts are what the kernel's programs print
// (docs/live.md), not what people write: nothing is defined or included. Used by
// parser/anonymize/snapshot.cpp.
#pragma once

#include <string>
#include <string_view>

#include "parser/anonymize/names.hpp"

namespace untrack::anonymize {

[[nodiscard]] std::string with_iptables_names(std::string_view text, Names& names);
[[nodiscard]] std::string with_ipset_names(std::string_view text, Names& names);
[[nodiscard]] std::string with_nft_names(std::string_view text, Names& names);

}  // namespace untrack::anonymize
