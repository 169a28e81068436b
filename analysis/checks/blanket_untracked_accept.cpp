#include <fmt/format.h>

#include "analysis/checks/list.hpp"
#include "analysis/conntrack/state_map.hpp"
#include "analysis/facts.hpp"
#include "analysis/wording.hpp"

namespace untrack::checks {
namespace {

void find_blanket_untracked_accept(const Facts& facts, std::vector<Finding>& findings) {
  for (std::size_t i = 0; i < facts.ruleset.rules.size(); ++i) {
    const RuleId id(i);
    const Rule& rule = facts.ruleset[id];
    if (!facts.is_reached[i]) continue;
    const Hooks hooks = facts[rule.chain].hooks;
    if (!hooks.has(Hook::input) && !hooks.has(Hook::forward)) continue;
    if (!accepts_untracked_alone(facts.ruleset, rule)) continue;
    IpVersions versions;
    for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
      if (facts.ip_versions_of(id).has(version) && !facts.notrack_rules_of(version).empty()) {
        versions = versions | version;
      }
    }
    if (versions.empty()) continue;
    Finding finding;
    finding.check = &blanket_untracked_accept;
    finding.severity = blanket_untracked_accept.severity;
    finding.span = rule.text;
    const std::string_view notrack = wording_of(facts.ruleset, id).notrack;
    finding.message = "everything that raw leaves untracked is accepted here";
    finding.label = "no condition but the state";
    for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
      if (!versions.has(version)) continue;
      const Rule& exempting = facts.ruleset[facts.notrack_rules_of(version).front()];
      finding.related.push_back(
          {exempting.text, facts.notrack_rules_of(version).size() == 1
                               ? "what this rule exempts"
                               : fmt::format("what this rule exempts, and {} more",
                                             facts.notrack_rules_of(version).size() - 1)});
    }
    finding.notes = {
        fmt::format("a {} rule that matches by source port, or one that is widened later, becomes "
                    "an open door: whoever sends from that port is let in to every port",
                    notrack),
        fmt::format("accept what the {} rule matches, with the same protocol, ports and addresses "
                    "beside the state",
                    notrack)};
    for (const UntrackedBypass& bypass : facts.flows.bypasses) {
      if (bypass.accepted_by != id || bypass.is_guard) continue;
      finding.notes.push_back(
          fmt::format("this packet passes, and would be refused as NEW: {}", bypass.packet));
    }
    finding.ip_versions = versions;
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const CheckInfo blanket_untracked_accept{
    .code = "UT308",
    .name = "blanket-untracked-accept",
    .since = "0.1",
    .severity = Severity::warning,
    .summary = "A rule accepts UNTRACKED packets without saying which.",
    .why =
        R"(Packets that NOTRACK exempts have the state UNTRACKED and are known by that alone: no table vouches for them. A rule
that accepts the whole state lets in whatever the raw table exempts, now and after its next change: a NOTRACK rule for
replies from port 53 then admits any packet that claims to come from port 53, to any port of the host.

What to do: repeat the conditions of the NOTRACK rule in the accept rule (protocol, ports, addresses), or leave the state out and
match those alone.

Limits: reported for rules that INPUT or FORWARD reaches, whose only condition is the state, in a family that has NOTRACK
rules. For IPv6 the kernel itself leaves neighbour discovery untracked; accept it by its ICMPv6 types 133 to 137 before you narrow
the rule.)",
    .bad = R"(*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p udp -m udp --dport 53 -j CT --notrack
-A OUTPUT -p udp -m udp --sport 53 -j CT --notrack
COMMIT
*filter
:INPUT DROP [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED,UNTRACKED -j ACCEPT
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
    .run = find_blanket_untracked_accept};

}  // namespace untrack::checks
