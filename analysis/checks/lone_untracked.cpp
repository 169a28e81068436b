#include <fmt/format.h>

#include "analysis/checks/list.hpp"
#include "analysis/checks/lone_state.hpp"
#include "analysis/wording.hpp"

namespace untrack::checks {
namespace {

void find_lone_untracked(const Facts& facts, std::vector<Finding>& findings) {
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    if (states_that_force(facts, version) != CtStates(CtState::untracked)) continue;
    Finding finding = lone_state_finding(lone_untracked, facts, version);
    finding.message = "tracking is on only because this rule asks what is not tracked";
    finding.label = "UNTRACKED is a state: matching it needs the tracker";
    const std::string_view notrack =
        wording_of(facts.ruleset, facts.ruleset[facts.tracking[version].forced_by.front()].rule)
            .notrack;
    finding.notes = {
        fmt::format("without this match nothing would be tracked, and no {} rule would be needed",
                    notrack),
        fmt::format("accept by the packet's own fields (protocol, ports, addresses), as the {} "
                    "rule does, and leave the state out",
                    notrack)};
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const CheckInfo lone_untracked{
    .code = "UT304",
    .name = "lone-untracked",
    .since = "0.1",
    .severity = Severity::warning,
    .summary = "The only use of connection tracking is to recognise untracked packets.",
    .why =
        R"(`--ctstate UNTRACKED` looks like the opposite of tracking, but it is a state match like any other: when the rule is
loaded, the kernel starts to track everything that no NOTRACK rule exempts. In a ruleset that was meant to
be stateless it is the only thing that tracks.

What to do: match what the NOTRACK rules match, by protocol, ports and addresses, and drop the state test. If nothing else needs
tracking, the NOTRACK rules can go, too.

Limits: in a ruleset that stays tracked for other reasons, UNTRACKED in an accept rule is right and cheap; then this is
not reported.)",
    .bad = R"(*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p udp -m udp --dport 53 -j CT --notrack
-A OUTPUT -p udp -m udp --sport 53 -j CT --notrack
COMMIT
*filter
:INPUT DROP [0:0]
-A INPUT -p udp -m conntrack --ctstate UNTRACKED -m udp --dport 53 -j ACCEPT
COMMIT
)",
    .good = R"(*filter
:INPUT DROP [0:0]
-A INPUT -p udp -m udp --dport 53 -j ACCEPT
COMMIT
)",
    .also = "UT301",
    .run = find_lone_untracked};

}  // namespace untrack::checks
