#include "analysis/checks/problems.hpp"

namespace untrack::checks {

Finding finding_of(const CheckInfo& check, const Facts& facts, const Problem& problem) {
  Finding finding;
  finding.check = &check;
  finding.severity = check.severity;
  finding.span = problem.span;
  finding.message = problem.message;
  finding.label = problem.label;
  if (!problem.cure.empty()) finding.notes.push_back(problem.cure);
  finding.ip_versions = ip_versions_of(facts.ruleset, problem.span.source);
  return finding;
}

}  // namespace untrack::checks
