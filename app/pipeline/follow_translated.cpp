#include "app/pipeline/follow_translated.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/certificate/claims_of.hpp"
#include "analysis/packet/packet_text.hpp"
#include "analysis/recheck/recheck.hpp"

namespace untrack {
namespace {

bool is_proven(const Obligation& obligation) {
  return obligation.proof == Proof::proven || obligation.proof == Proof::proven_under_assumptions;
}

}  // namespace

void follow_translated(Certificate& certificate, const Program& original, const Program& rewritten,
                       const Assumptions& assumptions, const FreeVariables& variables) {
  if (std::ranges::none_of(certificate.obligations, is_proven)) return;
  const RecheckedFamily followed = recheck(original, rewritten, certificate.mode, assumptions,
                                           claims_of(certificate, variables));
  for (Obligation& obligation : certificate.obligations) {
    if (!is_proven(obligation) || (obligation.id != "O2" && obligation.id != "O3")) continue;
    const auto claim = std::ranges::find(followed.claims, obligation.id, &RecheckedClaim::id);
    if (claim == followed.claims.end() || claim->result == RecheckResult::rechecked) continue;
    if (claim->result == RecheckResult::refused) {
      obligation.proof = Proof::failed;
      obligation.explanation = claim->why;
      if (claim->packet) obligation.explanation += fmt::format(": {}", to_text(*claim->packet));
    } else {
      obligation.proof = Proof::not_checked;
      obligation.explanation = fmt::format(
          "destinations are translated, and later packets of such flows were not followed: {}",
          claim->why);
    }
  }
}

}  // namespace untrack
