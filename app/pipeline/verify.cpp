#include "app/pipeline/verify.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "analysis/flows/obligations.hpp"
#include "app/pipeline/loaded.hpp"

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

Certificate not_checked(IpVersion version, const VerifyPolicy& policy, std::string_view why) {
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

Certificate certify(const Loaded& before, const Loaded& after, IpVersion version,
                    const VerifyPolicy& policy, FreeVariables& variables) {
  const bool is_tracked_before = may_track(before.ruleset, version, policy.kernel);
  const bool is_tracked_after = may_track(after.ruleset, version, policy.kernel);
  Certificate certificate;
  if (!before.is_fully_understood() || !after.is_fully_understood()) {
    certificate = not_checked(version, policy, "not everything in the rulesets was understood");
  } else {
    const Program original(before.ruleset, version, is_tracked_before, variables);
    const Program rewritten(after.ruleset, version, is_tracked_after, variables);
    const std::array<const Program*, 2> programs{&original, &rewritten};
    const auto world = World::make(programs);
    certificate = world == nullptr
                      ? not_checked(version, policy, "the limit of the analysis was reached")
                      : check_obligations(*world, policy.mode, policy.assumptions);
  }
  certificate.tracked_before = is_tracked_before;
  certificate.tracked_after = is_tracked_after;
  return certificate;
}

bool has_failed(const Certificate& certificate, std::string_view id) {
  return std::ranges::any_of(certificate.obligations, [&](const Obligation& obligation) {
    return obligation.proof == Proof::failed && obligation.id == id;
  });
}

std::string summary_of(const VerifyReport& report) {
  if (report.certificates.empty()) return "No firewall rules were read.";
  const auto failed = [&](std::string_view id) {
    return std::ranges::any_of(report.certificates, [&](const Certificate& certificate) {
      return has_failed(certificate, id);
    });
  };
  std::vector<std::string_view> faults;
  if (failed("O1")) faults.emplace_back("lets connections begin that the original refuses");
  if (failed("O2")) faults.emplace_back("breaks flows that the original permits");
  if (failed("O3")) faults.emplace_back("accepts packets that no permitted flow explains");
  if (failed("O4")) {
    faults.emplace_back(report.mode == RewriteMode::stateless
                            ? "still makes the kernel track connections"
                            : "untracks flows by halves, or flows that need tracking");
  }
  if (!faults.empty()) {
    std::string text = "The rewritten ruleset ";
    for (std::size_t i = 0; i < faults.size(); ++i) {
      if (i > 0) text += i + 1 == faults.size() ? ", and " : ", ";
      text += faults[i];
    }
    return text + ".";
  }
  if (!report.is_fully_understood) {
    return "Nothing is proven: not everything in the rulesets was understood.";
  }
  if (!report.is_proven()) return "Not all is proven: the limit of the analysis was reached.";
  const bool is_assuming =
      std::ranges::any_of(report.certificates, [](const Certificate& certificate) {
        return std::ranges::any_of(certificate.obligations, [](const Obligation& obligation) {
          return obligation.proof == Proof::proven_under_assumptions;
        });
      });
  return std::string(
             "The rewritten ruleset keeps the policy of the original. Proven for all "
             "packets") +
         (is_assuming ? ", under the assumptions below." : ", under no assumption.");
}

}  // namespace

bool VerifyReport::has_failed() const {
  return std::ranges::any_of(certificates, [](const Certificate& certificate) {
    return std::ranges::any_of(certificate.obligations, [](const Obligation& obligation) {
      return obligation.proof == Proof::failed;
    });
  });
}

bool VerifyReport::is_proven() const {
  return is_fully_understood && !certificates.empty() &&
         std::ranges::all_of(certificates,
                             [](const Certificate& certificate) { return holds(certificate); });
}

VerifyReport verify(std::vector<AuditInput> original, std::vector<AuditInput> rewritten,
                    const VerifyPolicy& policy) {
  Loaded before = load(std::move(original), policy.format, policy.ip_version);
  Loaded after = load(std::move(rewritten), policy.format, policy.ip_version);
  VerifyReport report;
  report.mode = policy.mode;
  report.assumptions = policy.assumptions;
  report.is_fully_understood = before.is_fully_understood() && after.is_fully_understood();
  const IpVersions given = before.given | after.given;
  auto variables = std::make_shared<FreeVariables>();
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    if (!given.has(version)) continue;
    report.certificates.push_back(certify(before, after, version, policy, *variables));
  }
  report.variables = std::move(variables);
  report.original = {std::move(before.sources), std::move(before.ruleset)};
  report.rewritten = {std::move(after.sources), std::move(after.ruleset)};
  report.summary = summary_of(report);
  return report;
}

}  // namespace untrack
