#include "app/pipeline/certify.hpp"

#include <array>
#include <string_view>

#include "analysis/flows/obligations.hpp"

namespace untrack {
namespace {

struct ObligationName {
  std::string_view id;
  std::string_view name;
};
constexpr std::array<ObligationName, 5> obligation_names = {{
    {"O1", "no new initiator"},
    {"O2", "no broken flow"},
    {"O3", "exposure is justified and listed"},
    {"O4", "tracking is gone"},
    {"O5", "it loads"},
}};

Certificate not_checked(IpVersion version, const CertifyPolicy& policy, std::string_view why) {
  Certificate certificate;
  certificate.version = version;
  certificate.mode = policy.mode;
  certificate.assumptions = policy.assumptions.list();
  for (const ObligationName& row : obligation_names) {
    certificate.obligations.push_back(
        {row.id, row.name, Proof::not_checked, std::string(why), std::nullopt});
  }
  return certificate;
}

}  // namespace

Certificate certify(const Loaded& before, const Loaded& after, IpVersion version,
                    const CertifyPolicy& policy, FreeVariables& variables) {
  const bool is_tracked_before = may_track(before.ruleset, version, policy.kernel);
  const bool is_tracked_after = may_track(after.ruleset, version, policy.kernel);
  Certificate certificate;
  if (!before.is_fully_understood() || !after.is_fully_understood()) {
    certificate = not_checked(version, policy, "not everything in the rulesets was understood");
  } else {
    const Program original(before.ruleset, version, is_tracked_before, variables);
    const Program rewritten(after.ruleset, version, is_tracked_after, variables);
    const std::array<const Program*, 2> programs{&original, &rewritten};
    const auto world =
        World::make(programs, policy.assumptions, {}, {}, World::order_for(before.ruleset));
    certificate = world == nullptr
                      ? not_checked(version, policy, "the limit of the analysis was reached")
                      : check_obligations(*world, policy.mode, policy.assumptions);
  }
  certificate.tracked_before = is_tracked_before;
  certificate.tracked_after = is_tracked_after;
  return certificate;
}

}  // namespace untrack
