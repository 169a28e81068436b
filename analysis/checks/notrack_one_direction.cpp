#include <fmt/format.h>

#include "analysis/checks/list.hpp"
#include "analysis/conntrack/notrack_pairs.hpp"
#include "analysis/wording.hpp"
#include "model/ip_protocol.hpp"

namespace untrack::checks {
namespace {

// The hooks where the answer to a packet that this rule exempts may pass the tracker.
bool is_answer_exempt(const Facts& facts, const NotrackRules& rules, RuleId id,
                      KnownPacket answer) {
  const Hooks hooks = facts[facts.ruleset[id].chain].hooks_before_conntrack;
  if (answer.interface == "lo") {
    // Both directions on lo leave through OUTPUT first.
    return rules.may_exempt(answer, id, Hook::output);
  }
  if (hooks.has(Hook::output)) return rules.may_exempt(answer, id, Hook::prerouting);
  if (rules.may_exempt(answer, id, Hook::output)) return true;
  // A forwarded answer comes in by an interface that the text does not tell.
  answer.interface = {};
  return rules.may_exempt(answer, id, Hook::prerouting);
}

void find_notrack_one_direction(const Facts& facts, std::vector<Finding>& findings) {
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    if (facts.tracking[version].state == TrackingState::not_forced) continue;
    const NotrackRules rules(facts, version);
    for (const RuleId id : facts.notrack_rules_of(version)) {
      const Rule& rule = facts.ruleset[id];
      if (!facts.is_reached[id.index()] || asks_for_interface_at_most(facts.ruleset, rule))
        continue;
      if (facts[rule.chain].hooks_before_conntrack.empty()) continue;
      const std::optional<KnownPacket> answer = answer_to(facts, id);
      if (!answer || is_answer_exempt(facts, rules, id, *answer)) continue;
      const bool is_output = facts[rule.chain].hooks_before_conntrack.has(Hook::output);
      const Wording& wording = wording_of(facts.ruleset, id);
      Finding finding;
      finding.check = &notrack_one_direction;
      finding.severity = notrack_one_direction.severity;
      finding.span = rule.text;
      finding.message = fmt::format(
          "{} for one direction only: what answers these packets is tracked", wording.notrack);
      finding.label = fmt::format("no rule exempts {}", describe(*answer));
      finding.notes.emplace_back(
          answer->protocol == ip_protocol::tcp
              ? "the tracker then sees only the answers: a SYN+ACK without the SYN before it is "
                "INVALID, and a rule that drops INVALID breaks the service"
              : "the tracker then sees only the answers, and each takes an entry as if it had "
                "started a connection");
      if (is_output || answer->interface == "lo") {
        finding.notes.push_back(
            answer->interface == "lo"
                ? fmt::format("add the rule with source and destination swapped to {}, where both "
                              "directions on lo pass",
                              wording.output)
                : fmt::format("add the rule with source and destination swapped to {}, where the "
                              "answers arrive",
                              wording.prerouting));
      } else if (answer->source_port &&
                 rules.local_service(answer->protocol, *answer->source_port)) {
        finding.notes.push_back(
            fmt::format("{} accepts these packets, so that this host answers: add the rule with "
                        "source and destination swapped to {}",
                        wording.input, wording.output));
      } else {
        finding.notes.push_back(
            fmt::format("add the rule with source and destination swapped: to {} if this host "
                        "answers, to {} if it forwards the answers",
                        wording.output, wording.prerouting));
      }
      finding.ip_versions = version;
      findings.push_back(std::move(finding));
    }
  }
}

}  // namespace

const CheckInfo notrack_one_direction{
    .code = "UT305",
    .name = "notrack-one-direction",
    .since = "0.1",
    .severity = Severity::warning,
    .summary = "NOTRACK exempts packets, but not those that answer them.",
    .why =
        R"(NOTRACK exempts a packet, not a flow. If only requests are exempted, the tracker sees the answers alone: an answer
over UDP becomes an entry as if it had started a connection, and a TCP answer without the SYN before it is INVALID. The table
fills as before, and a rule that drops INVALID breaks the service.

What to do: for each rule add its mirror, with source and destination swapped. Answers of this host pass OUTPUT; answers that it
forwards pass PREROUTING.

Limits: the check builds one answer (from a client port, 50000) and reports only if every NOTRACK rule at the hooks
concerned certainly leaves it tracked. It is silent about rules with other conditions than protocol, ports, addresses
and interfaces (TCP flags as for SYNPROXY, ICMP types, marks), about rules in chains that are jumped to, about multicast, and about
protocols that have no answers or use one port on both sides: DHCP, NTP, NetBIOS, SNMP traps, IKE, syslog, RIP, NetFlow,
BFD, IPFIX, VXLAN, mDNS, Geneve, sFlow. Port 4500 (IKE behind NAT) is none of them: behind a NAT clients have other ports.)",
    .bad = R"(*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p udp -m udp --dport 53 -j CT --notrack
COMMIT
*filter
:INPUT DROP [0:0]
-A INPUT -p udp -m udp --dport 53 -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
)",
    .good = R"(*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p udp -m udp --dport 53 -j CT --notrack
-A OUTPUT -p udp -m udp --sport 53 -j CT --notrack
COMMIT
*filter
:INPUT DROP [0:0]
-A INPUT -p udp -m udp --dport 53 -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
)",
    .also = "UT301",
    .run = find_notrack_one_direction};

}  // namespace untrack::checks
