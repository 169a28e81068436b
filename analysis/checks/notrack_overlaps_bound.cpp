#include <fmt/format.h>

#include "analysis/checks/list.hpp"
#include "analysis/checks/packet_finding.hpp"
#include "analysis/facts.hpp"
#include "analysis/wording.hpp"

namespace untrack::checks {
namespace {

std::string what_of(const Facts& facts, const NotrackOverlap& overlap) {
  return display_name(facts.ruleset[overlap.construct]);
}

std::string_view role_of(NotrackOverlap::Direction direction) {
  switch (direction) {
    case NotrackOverlap::Direction::forth:
      return "begins a flow that the rule is for";
    case NotrackOverlap::Direction::back:
      return "answers a flow that the rule is for";
    case NotrackOverlap::Direction::back_translated:
      return "answers a flow that the rule translated, and is untracked before it can be "
             "translated back";
  }
  return {};
}

void find_notrack_overlaps_bound(const Facts& facts, std::vector<Finding>& findings) {
  for (const NotrackOverlap& overlap : facts.flows.overlaps) {
    const std::string what = what_of(facts, overlap);
    const std::string_view notrack = wording_of(facts.ruleset, overlap.notrack).notrack;
    Finding finding =
        packet_finding(notrack_overlaps_bound, facts, overlap.notrack, overlap.version);
    finding.message =
        fmt::format("{} exempts packets of flows for which \"{}\" needs the entry", notrack, what);
    finding.label = "takes packets of them";
    add_rule(finding, facts, overlap.bound, "cannot work for them");
    finding.notes = {
        fmt::format("this packet {}: {}", role_of(overlap.direction), overlap.packet),
        fmt::format("narrow the {} rule by interfaces, addresses or ports, so that it leaves these "
                    "flows alone",
                    notrack)};
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const CheckInfo notrack_overlaps_bound{
    .code = "UT402",
    .name = "notrack-overlaps-bound",
    .since = "0.1",
    .severity = Severity::error,
    .summary =
        "NOTRACK exempts packets of flows that are translated, need a helper, or are counted.",
    .why =
        R"(Address translation, helpers and `connlimit` work on the entry of a flow in the conntrack table. A packet that NOTRACK exempts has none: it is not translated (the nat table never sees it), its answer is not translated
back, no helper reads it, and it is not counted. The service breaks, or the limit no longer holds, without any message.

What to do: narrow the NOTRACK rule, or take the bound rule's packets out of it by an `ACCEPT` ahead of it in raw.

Limits: said only with a packet that shows it, of a flow that the filter permits (if it were tracked) and that a client begins from a port
that Linux chooses by default (32768 to 60999). A NOTRACK rule that asks for a source port alone is taken to be about answers, one that asks for a destination
port alone about requests. Left out are SNAT and MASQUERADE of what this host itself sends, NETMAP, and the answers to DNAT and REDIRECT.)",
    .bad = R"(*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A PREROUTING -p udp -m udp --dport 53 -j CT --notrack
-A PREROUTING -p udp -m udp --sport 53 -j CT --notrack
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -o eth0 -j MASQUERADE
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
COMMIT
)",
    .good = R"(*raw
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
COMMIT
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A POSTROUTING -o eth0 -j MASQUERADE
COMMIT
*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
COMMIT
)",
    .also = "UT301",
    .run = find_notrack_overlaps_bound};

}  // namespace untrack::checks
