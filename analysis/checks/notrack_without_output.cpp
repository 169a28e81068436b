#include <fmt/format.h>

#include <algorithm>

#include "analysis/checks/list.hpp"
#include "analysis/conntrack/notrack_pairs.hpp"
#include "analysis/wording.hpp"

namespace untrack::checks {
namespace {

Finding begin_finding(const Rule& rule, IpVersion version) {
  Finding finding;
  finding.check = &notrack_without_output;
  finding.severity = notrack_without_output.severity;
  finding.span = rule.text;
  finding.ip_versions = version;
  return finding;
}

void check_rule(const Facts& facts, const NotrackRules& rules, RuleId id, IpVersion version,
                std::vector<Finding>& findings) {
  const Ruleset& ruleset = facts.ruleset;
  const Rule& rule = ruleset[id];
  if (!facts.is_reached[id.index()] || !ruleset[rule.chain].base ||
      !facts[rule.chain].hooks_before_conntrack.has(Hook::prerouting)) {
    return;
  }
  const std::optional<KnownPacket> answer = answer_to(facts, id);
  if (!answer || rules.may_exempt(*answer, id, Hook::output)) return;
  Finding finding = begin_finding(rule, version);
  const Wording& wording = wording_of(ruleset, id);
  const bool is_nft = language_of(ruleset, id) == Language::nft;
  if (asks_for_interface_at_most(ruleset, rule)) {
    const std::vector<RuleId>& all = facts.notrack_rules_of(version);
    const bool has_output = std::any_of(all.begin(), all.end(), [&](RuleId other) {
      return facts[ruleset[other].chain].hooks_before_conntrack.has(Hook::output);
    });
    if (answer->interface == "lo") {
      finding.message = fmt::format("{} for loopback has no effect in {} alone", wording.notrack,
                                    wording.prerouting);
      finding.label =
          fmt::format("on lo a packet passes {} first, and is tracked there", wording.output);
      finding.notes = {
          fmt::format("write it with {} lo in {}; one rule there serves both directions",
                      is_nft ? "oif" : "-o", wording.output)};
    } else if (!has_output) {
      finding.message = fmt::format("{} in {} only: what this host sends is tracked",
                                    wording.notrack, wording.prerouting);
      finding.label = fmt::format("no {} rule in {}", wording.notrack, wording.output);
      finding.notes = {
          "each packet of this host takes an entry as a connection of its own; the answers that "
          "arrive are exempt, so that the entry never sees them",
          fmt::format("add the rule to {}", wording.output)};
    } else {
      return;
    }
    findings.push_back(std::move(finding));
    return;
  }
  // With an address in it, the rule may be about a service behind this host.
  if (!answer->source_port || answer->source_address || answer->destination_address) return;
  const auto service = rules.local_service(answer->protocol, *answer->source_port);
  if (!service) return;
  KnownPacket forwarded = *answer;
  forwarded.interface = {};
  // Without any mirror it is UT305's.
  if (!rules.may_exempt(forwarded, id, Hook::prerouting)) return;
  finding.message = fmt::format("{} in {} only: the answers of this host are tracked",
                                wording.notrack, wording.prerouting);
  finding.label = fmt::format("no rule in {} exempts {}", wording.output, describe(*answer));
  finding.related.push_back({ruleset[*service].text, "the service is on this host"});
  finding.notes = {
      fmt::format("{} sees what arrives; what this host sends passes {}, and takes an entry there",
                  wording.prerouting, wording.output),
      fmt::format("add the rule with source and destination swapped to {}", wording.output)};
  findings.push_back(std::move(finding));
}

void find_notrack_without_output(const Facts& facts, std::vector<Finding>& findings) {
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    if (facts.tracking[version].state == TrackingState::not_forced) continue;
    const NotrackRules rules(facts, version);
    for (const RuleId id : facts.notrack_rules_of(version)) {
      check_rule(facts, rules, id, version, findings);
    }
  }
}

}  // namespace

const CheckInfo notrack_without_output{
    .code = "UT306",
    .name = "notrack-without-output",
    .since = "0.1",
    .severity = Severity::warning,
    .summary = "NOTRACK in PREROUTING, but not in OUTPUT, for traffic of this host.",
    .why =
        R"(The tracker looks at packets in two places: PREROUTING for what arrives, OUTPUT for what this host sends. A pair
of NOTRACK rules in PREROUTING covers what is forwarded; the answers of a service on the host itself, and everything on
loopback, pass OUTPUT and are tracked there. (Measured: with NOTRACK in PREROUTING only, what the host sends still gets
entries.)

What to do: add the rules for OUTPUT, with source and destination swapped; for loopback one rule, `-A OUTPUT -o lo`.

Limits: reported only if it is certain: a reached rule of INPUT accepts the exempted port and the
NOTRACK rule names no address, or the rule is for lo, or it has no
condition but an interface and OUTPUT has no NOTRACK rule at all.)",
    .bad = R"(*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p udp -m udp --dport 53 -j CT --notrack
-A PREROUTING -p udp -m udp --sport 53 -j CT --notrack
COMMIT
*filter
:INPUT DROP [0:0]
-A INPUT -p udp -m udp --dport 53 -j ACCEPT
-A INPUT -p udp -m udp --sport 53 -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
)",
    .good = R"(*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p udp -m udp --dport 53 -j CT --notrack
-A PREROUTING -p udp -m udp --sport 53 -j CT --notrack
-A OUTPUT -p udp -m udp --sport 53 -j CT --notrack
-A OUTPUT -p udp -m udp --dport 53 -j CT --notrack
COMMIT
*filter
:INPUT DROP [0:0]
-A INPUT -p udp -m udp --dport 53 -j ACCEPT
-A INPUT -p udp -m udp --sport 53 -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
)",
    .also = "UT301",
    .run = find_notrack_without_output};

}  // namespace untrack::checks
