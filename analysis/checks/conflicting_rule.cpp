#include "analysis/checks/list.hpp"
#include "analysis/checks/taken_packets.hpp"

namespace untrack::checks {
namespace {

void find_conflicting_rule(const Facts& facts, std::vector<Finding>& findings) {
  find_taken_packets(
      facts, conflicting_rule, true,
      {.message = "this rule never matches, and earlier ones do the opposite with its packets",
       .label = "without effect",
       .cure = "move it ahead of them if it is meant, else delete it"},
      findings);
}

}  // namespace

const CheckInfo conflicting_rule{
    .code = "UT203",
    .name = "conflicting-rule",
    .since = "0.1",
    .severity = Severity::warning,
    .summary =
        "A rule that no packet matches, since earlier rules do the opposite with all of its "
        "packets.",
    .why =
        R"(Somebody wrote this rule to accept (or drop) these packets, and earlier rules of the chain drop (or accept) every one of them. The rule has no effect: a service that was to be open is closed, or what
was to be blocked is let in.

What to do: decide which of the two is meant; move this rule ahead of the others, or delete it.

Limits: said only where it is certain: for every packet that the chain can get, in every connection state, and only if plain accepts
and drops of the same chain take all of it. Rules with a rate, a chance, a time or something unknown count as matched. Rules that a jump takes the packets
from, passive rules (LOG) and tables of which only a part is given are left out.)",
    .bad = R"(*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -s 203.0.113.0/24 -p tcp -m tcp --dport 22 -j DROP
COMMIT
)",
    .good = R"(*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 203.0.113.0/24 -p tcp -m tcp --dport 22 -j DROP
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
)",
    .also = "",
    .run = find_conflicting_rule};

}  // namespace untrack::checks
