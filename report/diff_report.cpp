#include "report/diff_report.hpp"

#include <algorithm>

namespace untrack {

bool DiffReport::is_equivalent() const {
  return !families.empty() && std::ranges::all_of(families, [](const FamilyDifference& family) {
    return family.difference && family.difference->is_equivalent;
  });
}

}  // namespace untrack
