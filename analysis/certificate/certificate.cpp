#include "analysis/certificate/certificate.hpp"

#include <algorithm>

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

bool holds(const Certificate& certificate) {
  return std::ranges::all_of(certificate.obligations, [](const Obligation& obligation) {
    return obligation.proof != Proof::failed &&
           (obligation.proof != Proof::not_checked || obligation.id == "O5");
  });
}

}  // namespace untrack
