#include <fmt/format.h>

#include "analysis/checks/list.hpp"
#include "analysis/facts.hpp"
#include "analysis/wording.hpp"

namespace untrack::checks {
namespace {

void find_notrack_without_tracking(const Facts& facts, std::vector<Finding>& findings) {
  if (facts.kernel && *facts.kernel < hooks_on_demand) return;
  for (const IpVersion version : {IpVersion::ipv4, IpVersion::ipv6}) {
    const std::vector<RuleId>& rules = facts.notrack_rules_of(version);
    if (rules.empty() || facts.tracking[version].state != TrackingState::not_forced) continue;
    Finding finding;
    finding.check = &notrack_without_tracking;
    finding.severity = notrack_without_tracking.severity;
    finding.span = facts.ruleset[rules.front()].text;
    finding.message = fmt::format("nothing here makes the kernel track, so that {} has no effect",
                                  wording_of(facts.ruleset, rules.front()).notrack);
    if (rules.size() > 1) finding.label = fmt::format("this rule and {} more", rules.size() - 1);
    finding.notes = {
        "it does no harm and switches nothing on by itself, but each packet passes through it",
        "keep it if something outside this ruleset tracks (other rules, a container engine); else "
        "it "
        "can go"};
    finding.ip_versions = version;
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const CheckInfo notrack_without_tracking{
    .code = "UT311",
    .name = "notrack-without-tracking",
    .since = "0.1",
    .severity = Severity::note,
    .summary = "NOTRACK in a family where nothing forces tracking.",
    .why =
        R"(`-j CT --notrack` exempts packets from the tracker; it does not switch the tracker on. If no loaded rule of the family
needs connection tracking, there is nothing to exempt packets from, since 4.10. Often the last state match was removed and the
raw table forgotten.

What to do: delete the rules, or keep them if something that is not part of the audited files tracks.

Limits: only the given rulesets are seen. Not reported for target kernels before 4.10, where the module alone
tracks.)",
    .bad = R"(*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p udp -m udp --dport 53 -j CT --notrack
-A OUTPUT -p udp -m udp --sport 53 -j CT --notrack
COMMIT
*filter
:INPUT DROP [0:0]
-A INPUT -p udp -m udp --dport 53 -j ACCEPT
COMMIT
)",
    .good = R"(*filter
:INPUT DROP [0:0]
-A INPUT -p udp -m udp --dport 53 -j ACCEPT
COMMIT
)",
    .also = "",
    .run = find_notrack_without_tracking};

}  // namespace untrack::checks
