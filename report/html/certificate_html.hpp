// A certificate as a part of a page: obligation by obligation, what is exposed, what was assumed.
// Used by the pages of `verify` and `rewrite`.
#pragma once

#include <string>
#include <vector>

#include "report/certificate_text.hpp"

namespace untrack::html {

// The certificate of one family below a heading of the third level.
[[nodiscard]] std::string certificate(const CertifiedSides& said, const Certificate& certificate);

// A witness: the packet, what was decided and what is.
[[nodiscard]] std::string witness(const CertifiedSides& said, const Witness& witness);

// What they rest on; empty if they need nothing.
[[nodiscard]] std::string assumed(const CertifiedSides& said,
                                  const std::vector<const Certificate*>& certificates);

// What of the side is wrong or not understood, as a list; empty if nothing is.
[[nodiscard]] std::string not_understood(const ComparedSide& side);

}  // namespace untrack::html
