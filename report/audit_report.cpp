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

const Suppression* AuditReport::suppression_of(std::size_t finding) const {
  const auto at = std::ranges::lower_bound(suppressions, finding, {}, &Suppression::finding);
  return at != suppressions.end() && at->finding == finding ? &*at : nullptr;
}

}  // namespace untrack
