#include "analysis/checks/list.hpp"
#include "analysis/facts.hpp"

namespace untrack::checks {
namespace {

void find_unused_established_accept(const Facts& facts, std::vector<Finding>& findings) {
  for (const RuleId id : facts.flows.unused_established) {
    Finding finding;
    finding.check = &unused_established_accept;
    finding.severity = unused_established_accept.severity;
    finding.span = facts.ruleset[id].text;
    finding.message = "no flow is permitted whose later packets or answers this rule could accept";
    finding.label = "nothing to go on with";
    finding.notes.emplace_back(
        "permit what begins the flows, or delete the rule: it is no use, and it may be all that "
        "keeps the kernel tracking");
    finding.ip_versions = facts.ip_versions_of(id);
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const CheckInfo unused_established_accept{
    .code = "UT314",
    .name = "accept-established-unused",
    .since = "0.1",
    .severity = Severity::note,
    .summary = "An accept of ESTABLISHED where no flow is permitted that could be established.",
    .why =
        R"(A packet is ESTABLISHED only if the flow that it belongs to was let through when it began. Here the filter permits no flow of which a later
packet or an answer could come to this rule: it waits for packets that do not exist, while its state match keeps conntrack loaded.

What to do: if something is to pass, add the rule that accepts what begins it; else delete this one.

Limits: said for rules whose states are ESTABLISHED, with RELATED or without, if no first packet at all, from any port, is accepted (or perhaps accepted) in either
direction. Left out are ways with address translation, rulesets with helpers, and rules that more than this keeps from matching. Flows that began before the
rules were loaded are not thought of.)",
    .bad = R"(*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
COMMIT
)",
    .good = R"(*filter
:INPUT ACCEPT [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -i eth1 -o eth0 -j ACCEPT
COMMIT
)",
    .also = "UT301",
    .run = find_unused_established_accept};

}  // namespace untrack::checks
