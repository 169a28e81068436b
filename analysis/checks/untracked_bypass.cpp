#include <fmt/format.h>

#include "analysis/checks/list.hpp"
#include "analysis/checks/packet_finding.hpp"

namespace untrack::checks {
namespace {

void find_untracked_bypass(const Facts& facts, std::vector<Finding>& findings) {
  for (const UntrackedBypass& bypass : facts.flows.bypasses) {
    // One without a guard is the mirror of a NOTRACK rule, or a matter of UT308.
    if (!bypass.is_guard) continue;
    Finding finding = packet_finding(untracked_bypass, facts, bypass.accepted_by, bypass.version);
    finding.message = "untracked packets pass here that a later rule refuses if they are tracked";
    finding.label = "ahead of what checks them";
    add_rule(finding, facts, bypass.refused_by, "would refuse them");
    add_rule(finding, facts, bypass.notrack, "exempts them");
    finding.notes = {fmt::format("this packet passes: {}", bypass.packet),
                     "move the rule behind those that check sources and rates, or give it the "
                     "conditions of what it is for"};
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const CheckInfo untracked_bypass{
    .code = "UT315",
    .name = "untracked-bypass",
    .since = "0.1",
    .severity = Severity::warning,
    .summary = "An accept of UNTRACKED packets stands ahead of rules that check sources or rates.",
    .why =
        R"(Rules that refuse forged sources, lists of addresses or too many packets stand behind an accept of the state UNTRACKED. What is tracked must pass them before it is let in as NEW; what NOTRACK
exempts is accepted before it gets there. Whoever can choose the port that the raw table asks for goes around them.

What to do: move the accept behind the checks, or drop forged sources in raw, where every packet passes.

Limits: said only with a packet that begins a flow, is untracked and accepted whatever rates and lists say, and would be refused as NEW by a rule that looks at
its source address or at something that packets do not tell (a rate, a list). UDP that could be an answer to a permitted flow is left out.)",
    .bad = R"(*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p udp -m udp --dport 53 -j CT --notrack
-A OUTPUT -p udp -m udp --sport 53 -j CT --notrack
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p udp -m udp --dport 53 -m conntrack --ctstate UNTRACKED -j ACCEPT
-A INPUT -s 10.0.0.0/8 -i eth0 -j DROP
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
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 10.0.0.0/8 -i eth0 -j DROP
-A INPUT -p udp -m udp --dport 53 -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
)",
    .also = "UT301",
    .run = find_untracked_bypass};

}  // namespace untrack::checks
