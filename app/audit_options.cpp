#include "app/audit_options.hpp"

namespace untrack {

Severity severity_of(const std::string& word) {
  if (word == "note") return Severity::note;
  if (word == "warning") return Severity::warning;
  return Severity::error;
}

}  // namespace untrack
