#include "report/rewrite/rewrite_report.hpp"

#include <algorithm>

#include "report/beside_policy.hpp"

namespace untrack {

std::string_view to_text(RewriteOutcome outcome) {
  switch (outcome) {
    case RewriteOutcome::rewritten:
      return "rewritten";
    case RewriteOutcome::nothing_to_do:
      return "nothing-to-do";
    case RewriteOutcome::refused:
      return "refused";
  }
  return {};
}

bool RewriteReport::is_refused() const {
  return std::ranges::any_of(families, [](const FamilyRewrite& family) {
    return family.outcome == RewriteOutcome::refused;
  });
}

bool RewriteReport::has_changed() const {
  return std::ranges::any_of(files, [](const RewrittenFile& file) { return !file.diff.empty(); });
}

std::string summary_of(const RewriteReport& report) {
  if (report.families.empty()) return "No firewall rules were read.";
  const auto count = [&](RewriteOutcome outcome) {
    return std::ranges::count(report.families, outcome, &FamilyRewrite::outcome);
  };
  const bool is_stateless = report.mode == RewriteMode::stateless;
  if (count(RewriteOutcome::rewritten) > 0) {
    std::string text =
        is_stateless ? "The new ruleset does without connection tracking and keeps the policy "
                       "of the old one"
                     : "The new ruleset untracks what does not need tracking and keeps the "
                       "policy of the old one";
    std::vector<const Certificate*> certificates;
    for (const FamilyRewrite& family : report.families) {
      if (family.outcome == RewriteOutcome::rewritten && family.certificate) {
        certificates.push_back(&*family.certificate);
      }
    }
    text += beside_policy(certificates);
    text += count(RewriteOutcome::refused) > 0 ? "; not every family could be rewritten." : ".";
    return text;
  }
  if (count(RewriteOutcome::refused) == 0) return "There is nothing to rewrite.";
  return "Nothing is rewritten.";
}

}  // namespace untrack
