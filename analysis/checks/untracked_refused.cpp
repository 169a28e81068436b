#include <fmt/format.h>

#include "analysis/checks/list.hpp"
#include "analysis/checks/packet_finding.hpp"
#include "analysis/wording.hpp"

namespace untrack::checks {
namespace {

void find_untracked_refused(const Facts& facts, std::vector<Finding>& findings) {
  for (const UntrackedRefusal& refusal : facts.flows.refusals) {
    Finding finding = packet_finding(untracked_refused, facts, refusal.notrack, refusal.version);
    const std::string_view notrack = wording_of(facts.ruleset, refusal.notrack).notrack;
    finding.message = fmt::format("{} exempts {} that are accepted by their state alone", notrack,
                                  refusal.is_answer ? "answers" : "packets");
    finding.label = "untracked, and then refused";
    add_rule(finding, facts, refusal.accepted_by, "would accept them if they were tracked");
    add_refuser(finding, facts, refusal.refused_by, refusal.refused_in, "them");
    finding.notes.push_back(fmt::format("this packet is refused: {}", refusal.packet));
    finding.notes.push_back(
        fmt::format("accept what the {} rule exempts by its protocol, ports and addresses, without "
                    "a state",
                    notrack));
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const CheckInfo untracked_refused{
    .code = "UT312",
    .name = "untracked-only-state-accepts",
    .since = "0.1",
    .severity = Severity::warning,
    .summary = "NOTRACK exempts packets that only rules about the state would accept.",
    .why =
        R"(An untracked packet has the state UNTRACKED, never NEW or ESTABLISHED. Where the filter accepts its flow only by these states, the NOTRACK rule turns the
service off: its packets come to the end of the chain and are refused.

What to do: add an accept rule with the conditions of the NOTRACK rule and no state, for each direction that is refused.

Limits: said only with a packet that shows it: accepted if no NOTRACK rule were there, refused as it is, whatever rates, lists and
the like say. Only flows that a client begins from a port that Linux chooses by default (32768 to 60999) are looked at, and no way on which
addresses are translated. A NOTRACK rule that asks for a source port alone is taken to be about answers, one that asks for a destination port alone about
requests.)",
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
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p udp -m udp --dport 53 -m conntrack --ctstate NEW -j ACCEPT
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
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p udp -m udp --dport 53 -j ACCEPT
COMMIT
)",
    .also = "UT301",
    .run = find_untracked_refused};

}  // namespace untrack::checks
