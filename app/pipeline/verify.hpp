// verify: the library's front door to `untrack verify`: an original and a rewritten ruleset in, a
// certificate for each family out. It opens no file and prints nothing.
#pragma once

#include <optional>
#include <vector>

#include "analysis/certificate/certificate.hpp"
#include "analysis/flows/obligations.hpp"
#include "app/pipeline/audit.hpp"
#include "report/verify_report.hpp"

namespace untrack {

struct VerifyPolicy {
  RewriteMode mode{};
  Assumptions assumptions;
  std::optional<Format> format;         // of all inputs; none: recognised from the content
  std::optional<IpVersion> ip_version;  // of inputs that do not say it
  std::optional<KernelVersion> kernel;  // of the target
  bool stateless_nat = false;           // NAT has become payload statements
  LoadTester load_tester;               // empty: no tool is asked whether it would load
  // JSON alone says which rules let in what is exposed, and to find them all is dear.
  Causes causes = Causes::listed;
};

// Each list of inputs is one host's, and judged together. Throws std::logic_error if the concrete
// walk does not confirm a witness, which is a fault of this program.
[[nodiscard]] VerifyReport verify(std::vector<InputText> original, std::vector<InputText> rewritten,
                                  const VerifyPolicy& policy);

}  // namespace untrack
