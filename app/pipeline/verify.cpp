#include "app/pipeline/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "app/pipeline/certify.hpp"
#include "app/pipeline/load_check.hpp"
#include "app/pipeline/loaded.hpp"
#include "app/pipeline/translated.hpp"
#include "report/beside_policy.hpp"

namespace untrack {
namespace {

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
  if (failed("O5")) faults.emplace_back("does not load where the original does");
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
  if (!report.is_proven()) {
    const bool is_limit = std::ranges::any_of(report.certificates, [](const Certificate& each) {
      return std::ranges::any_of(each.obligations, [](const Obligation& obligation) {
        return obligation.proof == Proof::not_checked && obligation.id != "O5" &&
               obligation.explanation.find("limit of the analysis") != std::string::npos;
      });
    });
    return is_limit ? "Not all is proven: the limit of the analysis was reached."
                    : "Not all is proven: of some packets it is not known what becomes of them.";
  }
  const bool is_assuming =
      std::ranges::any_of(report.certificates, [](const Certificate& certificate) {
        return std::ranges::any_of(certificate.obligations, [](const Obligation& obligation) {
          return obligation.proof == Proof::proven_under_assumptions;
        });
      });
  std::vector<const Certificate*> certificates;
  for (const Certificate& each : report.certificates) certificates.push_back(&each);
  return fmt::format(
      "The rewritten ruleset keeps the policy of the original{}. Proven for all packets, under {}.",
      beside_policy(certificates), is_assuming ? "the assumptions below" : "no assumption");
}

// Why addresses are not known to be translated alike.
void tell_obstacles(Certificate& certificate, const PutAside& aside, const Loaded& loaded,
                    std::string_view which) {
  if (aside.obstacles.empty()) return;
  const TranslationObstacle& first = aside.obstacles.front();
  const Location at = loaded.sources->locate(first.span);
  for (Obligation& obligation : certificate.obligations) {
    if (obligation.id != "O2") continue;
    obligation.proof = Proof::failed;
    obligation.witness.reset();
    obligation.explanation =
        fmt::format("the translation of {} is not known to go on without state: {}:{}: {}", which,
                    (*loaded.sources)[first.span.source].path(), at.line, first.reason);
  }
}

}  // namespace

VerifyReport verify(std::vector<InputText> original, std::vector<InputText> rewritten,
                    const VerifyPolicy& policy) {
  Loaded before = load(std::move(original), policy.format, policy.ip_version);
  Loaded after = load(std::move(rewritten), policy.format, policy.ip_version);
  VerifyReport report;
  report.mode = policy.mode;
  report.assumptions = policy.assumptions;
  PutAside old_translation;
  PutAside new_translation;
  if (policy.stateless_nat && before.is_fully_understood() && after.is_fully_understood()) {
    old_translation = put_aside_as_original(before);
    if (!before.translations.empty()) {
      new_translation = put_translation_aside(after, TranslationForm::payload);
      report.assumptions = with_translation(policy.assumptions);
    }
  }
  report.is_fully_understood = before.is_fully_understood() && after.is_fully_understood();
  const IpVersions given = before.given | after.given;
  auto variables = std::make_shared<FreeVariables>();
  const CertifyPolicy certify_policy{policy.mode, report.assumptions, policy.kernel, policy.causes};
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    if (!given.has(version)) continue;
    report.certificates.push_back(certify(before, after, version, certify_policy, *variables));
    tell_obstacles(report.certificates.back(), old_translation, before, "the original");
    tell_obstacles(report.certificates.back(), new_translation, after, "what was rewritten");
    if (policy.load_tester) {
      check_load(report.certificates.back(), before, after, policy.load_tester);
    }
  }
  report.variables = std::move(variables);
  report.original = {std::move(before.sources), std::move(before.ruleset)};
  report.rewritten = {std::move(after.sources), std::move(after.ruleset)};
  report.summary = summary_of(report);
  return report;
}

}  // namespace untrack
