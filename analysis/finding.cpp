#include "analysis/finding.hpp"

namespace untrack {

std::string_view to_text(Severity severity) {
  switch (severity) {
    case Severity::note:
      return "note";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return {};
}

std::string_view to_text(Need need) {
  switch (need) {
    case Need::free:
      return "free";
    case Need::priced:
      return "priced";
    case Need::bound:
      return "bound";
  }
  return {};
}

}  // namespace untrack
