#include "analysis/walk/decision.hpp"

namespace untrack {

std::string_view to_text(Decision decision) {
  switch (decision) {
    case Decision::accept:
      return "accept";
    case Decision::drop:
      return "drop";
    case Decision::reject:
      return "reject";
    case Decision::elsewhere:
      return "elsewhere";
    case Decision::unknown:
      return "unknown";
  }
  return {};
}

}  // namespace untrack
