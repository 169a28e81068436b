// The expressions of nf_tables that can be read here: nft leaves out others, and attributes that it
// does not know, without a word. Used by live/nft_tables.cpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace untrack::live {

// The highest attribute of the expression, as of the kernel's headers of Debian 12, which are as
// old as its libnftnl; nullopt for an expression that is not known.
[[nodiscard]] std::optional<std::uint16_t> highest_attribute(std::string_view expression);

}  // namespace untrack::live
