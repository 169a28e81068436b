// claims_of: what a certificate claims, in the words in which it lies in a file. Used by whoever
// writes one; whoever reads it again sees only analysis/certificate/certificate_file.hpp.
#pragma once

#include "analysis/certificate/certificate.hpp"
#include "analysis/certificate/certificate_file.hpp"
#include "analysis/program/free_variables.hpp"

namespace untrack {

// `variables`: those that its witnesses speak of.
[[nodiscard]] FamilyClaims claims_of(const Certificate& certificate,
                                     const FreeVariables& variables);

}  // namespace untrack
