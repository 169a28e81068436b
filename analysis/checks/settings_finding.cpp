#include "analysis/checks/settings_finding.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "analysis/check.hpp"

namespace untrack::checks {

Finding finding_about(const CheckInfo& check, const GivenSetting& setting, const Facts& facts,
                      std::string message) {
  Finding finding;
  finding.check = &check;
  finding.severity = check.severity;
  finding.span = setting.span;
  finding.message = std::move(message);
  finding.ip_versions = facts.given;
  return finding;
}

bool surely_nothing_tracks(const Facts& facts) {
  if (kernel_of_settings(facts) < hooks_on_demand) return false;
  if (facts.settings == nullptr || facts.settings->has_other_users) return false;
  const auto is_partial = [](const Table& table) { return table.is_partial; };
  if (std::ranges::any_of(facts.ruleset.tables, is_partial)) return false;
  return std::ranges::all_of(std::array{IpVersion::ipv4, IpVersion::ipv6}, [&](IpVersion version) {
    return facts.given.has(version) && facts.tracking[version].state == TrackingState::not_forced;
  });
}

KernelVersion kernel_of_settings(const Facts& facts) {
  if (facts.kernel) return *facts.kernel;
  if (facts.settings != nullptr && facts.settings->host.kernel) return *facts.settings->host.kernel;
  return newest_kernel_read;
}

const GivenSetting* setting_that_counts(const Facts& facts, std::string_view key) {
  const bool has_old_names = kernel_of_settings(facts) < old_names_gone;
  const GivenSetting* last = nullptr;
  for (const GivenSetting& setting : facts.settings->given) {
    if (setting.key != key || setting.is_outdone) continue;
    if (has_old_names || !setting.has_old_name) last = &setting;
  }
  return last;
}

}  // namespace untrack::checks
