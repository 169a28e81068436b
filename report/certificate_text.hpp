// How a certificate is told: obligation by obligation, what is exposed, what was assumed. Used by
// the text reports of `verify` and `rewrite`.
#pragma once

#include <string>
#include <vector>

#include "analysis/certificate/certificate.hpp"
#include "analysis/program/free_variables.hpp"
#include "report/compared_side.hpp"
#include "report/terminal.hpp"

namespace untrack {

// What a certificate speaks of.
struct CertifiedSides {
  const ComparedSide& original;
  const ComparedSide& rewritten;
  const FreeVariables& variables;
  const Assumptions& assumptions;
};

// A heading for the family, and what holds for it.
[[nodiscard]] std::string certificate_text(const CertifiedSides& said,
                                           const Certificate& certificate, const Display& display);

// The assumptions under which the certificates hold; empty if they need none.
[[nodiscard]] std::string assumptions_text(const CertifiedSides& said,
                                           const std::vector<const Certificate*>& certificates,
                                           const Display& display);

}  // namespace untrack
