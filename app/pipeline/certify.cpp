#include "app/pipeline/certify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <string_view>

#include "analysis/flows/obligations.hpp"
#include "analysis/header_writes.hpp"
#include "analysis/program/destinations.hpp"
#include "app/pipeline/follow_translated.hpp"

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

std::vector<Translation> of_version(const std::vector<Translation>& list, IpVersion version) {
  std::vector<Translation> own;
  std::ranges::copy_if(list, std::back_inserter(own),
                       [&](const Translation& each) { return each.version == version; });
  return own;
}

void fail(Certificate& certificate, std::string_view id, const std::string& why) {
  for (Obligation& obligation : certificate.obligations) {
    if (obligation.id != id) continue;
    obligation.proof = Proof::failed;
    obligation.explanation = why;
    obligation.witness.reset();
  }
}

// Payload statements mend the checksums of TCP, UDP, UDP-Lite and ICMPv6
// (nft_payload_l4csum_offset, nft_payload.c, 6.1); of other protocols DCCP alone has the addresses
// in its own.
bool permits_dccp(World& world, const Assumptions& assumptions) {
  Flows flows(world, 0, assumptions);
  Diagram& d = world.diagram();
  for (const Path path : all_paths) {
    if (d.intersects(flows.permitted(path), world.protocol(ip_protocol::dccp))) return true;
  }
  return false;
}

// What is proven of the rulesets behind their translation, said of them with it.
void add_translation(Certificate& certificate, World& world,
                     const std::vector<Translation>& translations, const Assumptions& assumptions) {
  std::string all;
  for (const Translation& each : translations) {
    all += fmt::format("{}{}", all.empty() ? "" : ", ", to_text(each));
  }
  for (Obligation& obligation : certificate.obligations) {
    if (obligation.proof != Proof::proven) continue;
    if (obligation.id == "O1" || obligation.id == "O2" || obligation.id == "O3") {
      obligation.proof = Proof::proven_under_assumptions;
    }
  }
  for (Obligation& obligation : certificate.obligations) {
    if (obligation.id == "O2") {
      obligation.explanation +=
          fmt::format("; all packets are told of as they are inside: {}", all);
    }
  }
  world.diagram().allow({});
  const auto has_dccp = within_budget([&] { return permits_dccp(world, assumptions); });
  if (!has_dccp || *has_dccp) {
    fail(certificate, "O2",
         "flows of DCCP may be translated, whose checksum payload statements do not mend");
  }
}

}  // namespace

Certificate certify(const Loaded& before, const Loaded& after, IpVersion version,
                    const CertifyPolicy& policy, FreeVariables& variables, World* known) {
  const bool is_tracked_before = is_tracked(before, version, policy.kernel);
  const bool is_tracked_after = is_tracked(after, version, policy.kernel);
  const auto translations = of_version(before.translations, version);
  std::optional<Certificate> certificate;
  if (!before.is_fully_understood() || !after.is_fully_understood()) {
    certificate = not_checked(version, policy, "not everything in the rulesets was understood");
  } else if (translations != of_version(after.translations, version)) {
    certificate = not_checked(version, policy, "what is translated is not the same");
    fail(*certificate, "O2", "addresses are translated in another way than before");
  } else if (const auto changed = changed_headers(before.ruleset, *before.sources, after.ruleset,
                                                  *after.sources, version)) {
    certificate = not_checked(version, policy, "what sets addresses is not the same");
    fail(*certificate, "O2", *changed);
  } else {
    const Program rewritten(after.ruleset, version, is_tracked_after, variables);
    if (known != nullptr && translations.empty()) {
      certificate = certify_in(*known, rewritten, policy);
    }
    const bool is_translating = translates_destinations(before.ruleset, version) ||
                                translates_destinations(after.ruleset, version);
    std::optional<Program> original;
    if (!certificate || is_translating) {
      original.emplace(before.ruleset, version, is_tracked_before, variables);
    }
    if (!certificate) {
      const std::array<const Program*, 2> programs{&*original, &rewritten};
      const auto world =
          World::make(programs, policy.assumptions, {}, {}, World::orders_for(before.ruleset));
      certificate =
          world == nullptr
              ? not_checked(version, policy, "the limit of the analysis was reached")
              : check_obligations(*world, policy.mode, policy.assumptions, {}, policy.causes);
      if (world != nullptr && !translations.empty()) {
        add_translation(*certificate, *world, translations, policy.assumptions);
      }
    }
    certificate->tracked_before = is_tracked_before;
    certificate->tracked_after = is_tracked_after;
    if (is_translating) {
      follow_translated(*certificate, *original, rewritten, policy.assumptions, variables);
    }
  }
  certificate->tracked_before = is_tracked_before;
  certificate->tracked_after = is_tracked_after;
  return std::move(*certificate);
}

}  // namespace untrack
