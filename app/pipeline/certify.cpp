#include "app/pipeline/certify.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

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

// In the world that is known already; nothing if it is not fit for it, or was too small.
std::optional<Certificate> certify_in(World& world, const Program& rewritten,
                                      const CertifyPolicy& policy) {
  constexpr std::size_t most_used = 4;  // a part of the limit: the rest has to be enough
  constexpr DiagramLimits limits;
  if (world.diagram().node_count() > limits.nodes / most_used) return std::nullopt;
  world.diagram().allow(limits);
  if (!world.put_second(rewritten)) return std::nullopt;
  Certificate certificate =
      check_obligations(world, policy.mode, policy.assumptions, limits, policy.causes);
  world.take_second_away();
  const bool is_checked =
      std::ranges::none_of(certificate.obligations, [](const Obligation& obligation) {
        return obligation.proof == Proof::not_checked && obligation.id != "O5";
      });
  return is_checked ? std::optional(std::move(certificate)) : std::nullopt;
}

}  // namespace

Certificate certify(const Loaded& before, const Loaded& after, IpVersion version,
                    const CertifyPolicy& policy, FreeVariables& variables, World* known) {
  const bool is_tracked_before = may_track(before.ruleset, version, policy.kernel);
  const bool is_tracked_after = may_track(after.ruleset, version, policy.kernel);
  std::optional<Certificate> certificate;
  if (!before.is_fully_understood() || !after.is_fully_understood()) {
    certificate = not_checked(version, policy, "not everything in the rulesets was understood");
  } else {
    const Program rewritten(after.ruleset, version, is_tracked_after, variables);
    if (known != nullptr) certificate = certify_in(*known, rewritten, policy);
    if (!certificate) {
      const Program original(before.ruleset, version, is_tracked_before, variables);
      const std::array<const Program*, 2> programs{&original, &rewritten};
      const auto world =
          World::make(programs, policy.assumptions, {}, {}, World::order_for(before.ruleset));
      certificate =
          world == nullptr
              ? not_checked(version, policy, "the limit of the analysis was reached")
              : check_obligations(*world, policy.mode, policy.assumptions, {}, policy.causes);
    }
  }
  certificate->tracked_before = is_tracked_before;
  certificate->tracked_after = is_tracked_after;
  return std::move(*certificate);
}

}  // namespace untrack
