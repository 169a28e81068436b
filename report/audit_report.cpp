#include "report/audit_report.hpp"

#include <algorithm>

namespace untrack {

std::string_view to_text(Suppression::Kind kind) {
  switch (kind) {
    case Suppression::Kind::in_source:
      return "in_source";
    case Suppression::Kind::baseline:
      return "baseline";
    case Suppression::Kind::configuration:
      return "configuration";
  }
  return {};
}

std::string reason_text(const Suppression& suppression) {
  return suppression.kind == Suppression::Kind::baseline ? "in the baseline" : suppression.reason;
}

std::vector<const Finding*> AuditReport::counting() const {
  std::vector<const Finding*> counting;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    if (suppression_of(i) == nullptr) counting.push_back(&findings[i]);
  }
  return counting;
}

std::string_view state_word(TrackingState state) {
  switch (state) {
    case TrackingState::forced:
      return "tracked";
    case TrackingState::not_forced:
      return "not forced";
    case TrackingState::unknown:
      return "not known";
  }
  return {};
}

const Suppression* AuditReport::suppression_of(std::size_t finding) const {
  const auto at = std::ranges::lower_bound(suppressions, finding, {}, &Suppression::finding);
  return at != suppressions.end() && at->finding == finding ? &*at : nullptr;
}

}  // namespace untrack
