// certify: the obligations of one family of a rewritten ruleset to its original, as a certificate.
// Shared by `verify`, whoever wrote the second, and `rewrite`, before it gives anything away.
#pragma once

#include <optional>
#include <vector>

#include "analysis/certificate/certificate.hpp"
#include "analysis/program/free_variables.hpp"
#include "app/pipeline/loaded.hpp"

namespace untrack {

struct CertifyPolicy {
  RewriteMode mode{};
  Assumptions assumptions;
  std::optional<KernelVersion> kernel;  // of the target
};

// Where something was not understood, or the limit of the analysis was reached, the obligations are
// "not checked".
[[nodiscard]] Certificate certify(const Loaded& before, const Loaded& after, IpVersion version,
                                  const CertifyPolicy& policy, FreeVariables& variables);

}  // namespace untrack
