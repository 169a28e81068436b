// Merged texts: two rewrites of one text that were made apart, for IPv4 and for IPv6, as one. Used
// where rules of both families stand in one file; guarantees that each change of either is in the
// result, or that there is none.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace untrack {

// nullopt: both change the same lines, and not alike. What both add at one place stands one behind
// the other, `one` first.
[[nodiscard]] std::optional<std::string> merged(std::string_view original, std::string_view one,
                                                std::string_view other);

// The same of a text whose lines are for both families, but for those that begin with -4 or -6:
// what both change is put together line by line, and what one of them alone has must begin so.
[[nodiscard]] std::optional<std::string> woven(std::string_view original, std::string_view of_ipv4,
                                               std::string_view of_ipv6);

// The same of a text of nft with tables for both families: a rule that both have, apart from
// `meta nfproto`, is one without it; what one of them alone has stays as it is.
[[nodiscard]] std::optional<std::string> woven_nft(std::string_view original,
                                                   std::string_view of_ipv4,
                                                   std::string_view of_ipv6);

}  // namespace untrack
