#include "report/verify_report.hpp"

#include <algorithm>

namespace untrack {

bool VerifyReport::has_failed() const {
  return std::ranges::any_of(certificates, [](const Certificate& certificate) {
    return std::ranges::any_of(certificate.obligations, [](const Obligation& obligation) {
      return obligation.proof == Proof::failed;
    });
  });
}

bool VerifyReport::is_proven() const {
  return is_fully_understood && !certificates.empty() &&
         std::ranges::all_of(certificates,
                             [](const Certificate& certificate) { return holds(certificate); });
}

}  // namespace untrack
