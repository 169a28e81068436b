#include <fmt/format.h>

#include "analysis/checks/list.hpp"
#include "analysis/checks/lone_state.hpp"
#include "analysis/wording.hpp"

namespace untrack::checks {
namespace {

void find_lone_invalid(const Facts& facts, std::vector<Finding>& findings) {
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    const CtStates states = states_that_force(facts, version);
    const CtStates allowed = CtStates(CtState::invalid) | CtState::untracked;
    if (!states.has(CtState::invalid) || (states | allowed) != allowed) continue;
    Finding finding = lone_state_finding(lone_invalid, facts, version);
    finding.message = "tracking is on for every packet only to find the INVALID ones";
    finding.label = "nothing else in this family needs the table";
    finding.notes = {
        "every connection takes an entry, and a full table drops packets, to catch what a host "
        "without a table answers with a reset or ignores",
        language_of(facts.ruleset, facts.ruleset[facts.tracking[version].forced_by.front()].rule) ==
                Language::nft
            ? "delete the rule, or name flag combinations that no stack sends: tcp flags & "
              "(fin|syn) == (fin|syn) drop, tcp flags & (syn|rst) == (syn|rst) drop, tcp flags == "
              "0 drop"
            : "delete the rule, or name flag combinations that no stack sends: -p tcp --tcp-flags "
              "SYN,FIN SYN,FIN -j DROP, --tcp-flags SYN,RST SYN,RST, --tcp-flags ALL NONE"};
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const CheckInfo lone_invalid{
    .code = "UT303",
    .name = "lone-invalid",
    .since = "0.1",
    .severity = Severity::warning,
    .summary = "The only use of connection tracking is to find INVALID packets.",
    .why =
        R"(A rule that drops INVALID packets is often the remains of a stateful ruleset, or was copied as hardening. Alone, it
turns tracking on for everything: every flow takes an entry, and when the table is full, valid packets of new flows are dropped. What
it catches, strays and scans with odd flags, a host without a table answers with a reset or an ICMP error at most.

What to do: delete the rule. To keep out flag combinations that no TCP stack sends, match them by `--tcp-flags`: that
needs no table.

Limits: INVALID also covers packets outside the window of a connection; only tracking finds those. Reported only if every
construct of the family is a plain match for INVALID (or UNTRACKED) and at least one of their rules may be reached.)",
    .bad = R"(*filter
:INPUT DROP [0:0]
-A INPUT -m conntrack --ctstate INVALID -j DROP
-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT
COMMIT
)",
    .good = R"(*filter
:INPUT DROP [0:0]
-A INPUT -p tcp -m tcp --tcp-flags SYN,FIN SYN,FIN -j DROP
-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT
COMMIT
)",
    .also = "UT301",
    .run = find_lone_invalid};

}  // namespace untrack::checks
