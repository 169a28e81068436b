#include "report/recheck_report.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace untrack {

std::size_t RecheckReport::count(RecheckResult result) const {
  std::size_t all = 0;
  for (const RecheckedFamily& family : families) {
    all += static_cast<std::size_t>(
        std::ranges::count(family.claims, result, &RecheckedClaim::result));
  }
  return all;
}

std::size_t RecheckReport::count_of_tools() const {
  std::size_t all = 0;
  for (const RecheckedFamily& family : families) {
    all += static_cast<std::size_t>(
        std::ranges::count_if(family.claims, [](const RecheckedClaim& claim) {
          return claim.id == "O5" && claim.result == RecheckResult::not_rechecked;
        }));
  }
  return all;
}

bool RecheckReport::is_refused() const {
  return !refused.empty() || count(RecheckResult::refused) > 0;
}

bool RecheckReport::is_rechecked() const {
  return !is_refused() && why_not.empty() &&
         count(RecheckResult::not_rechecked) == count_of_tools() &&
         count(RecheckResult::rechecked) > 0;
}

std::string summary_of(const RecheckReport& report) {
  if (!report.refused.empty()) return "The certificate is refused: it is about other texts.";
  if (!report.why_not.empty()) return "Nothing is rechecked.";
  const std::size_t done = report.count(RecheckResult::rechecked);
  const std::size_t refused = report.count(RecheckResult::refused);
  const std::size_t of_tools = report.count_of_tools();
  const std::size_t open = report.count(RecheckResult::not_rechecked) - of_tools;
  if (refused > 0) {
    return fmt::format("The certificate is refused: {} of its claims {} not hold.", refused,
                       refused == 1 ? "does" : "do");
  }
  if (done == 0 && open == 0 && of_tools == 0) return "The certificate claims nothing.";
  if (done == 0 && open == 0) {
    return "Nothing is rechecked: all that the certificate claims is what the tools of a machine "
           "said (O5).";
  }
  if (open > 0) {
    return fmt::format("{} of {} claims rechecked; the others are not known to be right.", done,
                       done + open);
  }
  std::size_t failures = 0;
  for (const RecheckedFamily& family : report.families) {
    failures += static_cast<std::size_t>(
        std::ranges::count(family.claims, Proof::failed, &RecheckedClaim::claimed));
  }
  std::string text = done == 1
                         ? std::string("The one claim of the certificate is rechecked")
                         : fmt::format("All {} claims of the certificate are rechecked", done);
  if (of_tools > 0) {
    text = fmt::format(
        "{} of the certificate that can be rechecked {}; O5 cannot be, since it is what the tools "
        "of a machine said (untrack verify --load-test asks them again)",
        done == 1 ? std::string("The one claim") : fmt::format("All {} claims", done),
        done == 1 ? "is" : "are");
  }
  if (failures > 0) {
    text += failures == 1 ? ", one of them that an obligation fails"
                          : fmt::format(", {} of them that an obligation fails", failures);
  }
  return text + ".";
}

}  // namespace untrack
