#include "app/pipeline/suppress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "analysis/check.hpp"

namespace untrack {
namespace {

// Takes in new ones, which must be of findings without.
void add(std::vector<Suppression> more, AuditReport& report) {
  for (Suppression& each : more) report.suppressions.push_back(std::move(each));
  std::ranges::sort(report.suppressions, {}, &Suppression::finding);
}

}  // namespace

void add_suppressions(const Ignores& ignores, AuditReport& report) {
  const auto matched = match_ignores(ignores, report.findings);
  std::vector<Suppression> more;
  for (std::size_t i = 0; i < matched.size(); ++i) {
    if (!matched[i] || report.suppression_of(i) != nullptr) continue;
    const Ignore& ignore = ignores.list[*matched[i]];
    more.push_back({i, Suppression::Kind::in_source, std::string(ignore.reason), ignore.span});
  }
  add(std::move(more), report);
}

void drop_ignores(AuditReport& report) {
  std::erase_if(report.suppressions,
                [](const Suppression& each) { return each.kind == Suppression::Kind::in_source; });
}

void apply_check_settings(const std::vector<CheckSetting>& settings, AuditReport& report) {
  std::vector<Suppression> more;
  for (std::size_t i = 0; i < report.findings.size(); ++i) {
    Finding& finding = report.findings[i];
    const auto setting = std::ranges::find(settings, finding.check, &CheckSetting::check);
    if (setting == settings.end()) continue;
    if (setting->severity) {
      finding.severity = *setting->severity;
    } else if (report.suppression_of(i) == nullptr) {
      more.push_back({i, Suppression::Kind::configuration, fmt::format("off in {}", setting->place),
                      std::nullopt});
    }
  }
  add(std::move(more), report);
}

}  // namespace untrack
