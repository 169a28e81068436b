// A certificate as the JSON reports of `verify` and `rewrite` promise it. Included by
// report/*_json.cpp only.
#pragma once

#include "analysis/certificate/certificate.hpp"
#include "report/certificate_text.hpp"
#include "report/json_parts.hpp"

namespace untrack::json {

[[nodiscard]] Json certificate_of(const CertifiedSides& said, const Certificate& certificate);

// Of a rewrite that is not given away: the obligations that it fails, or that could not be checked.
// Its rules are in no file, so that nothing points to them.
[[nodiscard]] Json unmet_of(const CertifiedSides& said, const Certificate& certificate);

}  // namespace untrack::json
