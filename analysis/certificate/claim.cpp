#include "analysis/certificate/claim.hpp"

#include <array>

namespace untrack {

std::string_view to_text(RewriteMode mode) {
  return mode == RewriteMode::stateless ? "stateless" : "notrack";
}

std::string_view to_text(Proof proof) {
  switch (proof) {
    case Proof::proven:
      return "proven";
    case Proof::proven_under_assumptions:
      return "proven_under_assumptions";
    case Proof::failed:
      return "failed";
    case Proof::not_applicable:
      return "not_applicable";
    case Proof::not_checked:
      return "not_checked";
  }
  return {};
}

std::optional<Proof> proof_of(std::string_view word) {
  for (const Proof proof : {Proof::proven, Proof::proven_under_assumptions, Proof::failed,
                            Proof::not_applicable, Proof::not_checked}) {
    if (to_text(proof) == word) return proof;
  }
  return std::nullopt;
}

}  // namespace untrack
