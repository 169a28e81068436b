#include "analysis/certificate/claims_of.hpp"

#include <utility>

namespace untrack {
namespace {

ClaimedWitness claimed(const Witness& witness, const FreeVariables& variables) {
  ClaimedWitness claimed;
  claimed.packet = witness.packet;
  for (std::size_t i = 0; i < witness.free.size(); ++i) {
    if (witness.free[i]) claimed.conditions.push_back(variables[static_cast<FreeId>(i)].key);
  }
  claimed.original_state = witness.original_state;
  claimed.rewritten_state = witness.rewritten_state;
  claimed.before = witness.before;
  claimed.after = witness.after;
  return claimed;
}

}  // namespace

FamilyClaims claims_of(const Certificate& certificate, const FreeVariables& variables) {
  FamilyClaims claims;
  claims.version = certificate.version;
  claims.tracked_before = certificate.tracked_before;
  claims.tracked_after = certificate.tracked_after;
  for (const Obligation& obligation : certificate.obligations) {
    ClaimedObligation row{std::string(obligation.id), obligation.proof, obligation.explanation,
                          std::nullopt};
    if (obligation.witness) row.witness = claimed(*obligation.witness, variables);
    claims.obligations.push_back(std::move(row));
  }
  for (const Exposure& exposure : certificate.exposure) {
    claims.exposure.push_back(
        {std::string(to_text(exposure.kind)), exposure.path, claimed(exposure.witness, variables)});
  }
  return claims;
}

}  // namespace untrack
