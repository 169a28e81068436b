#include "analysis/checks/list.hpp"
#include "analysis/checks/taken_packets.hpp"

namespace untrack::checks {
namespace {

void find_shadowed_rule(const Facts& facts, std::vector<Finding>& findings) {
  find_taken_packets(
      facts, shadowed_rule, false,
      {.message = "no packet matches this rule: earlier ones take all of its packets",
       .label = "never matched",
       .cure = "it can go without any effect, if the earlier rules are as they were meant"},
      findings);
}

}  // namespace

const CheckInfo shadowed_rule{
    .code = "UT201",
    .name = "shadowed-rule",
    .since = "0.1",
    .severity = Severity::warning,
    .summary =
        "A rule that no packet matches, since earlier rules of its chain take all of its packets.",
    .why =
        R"(The rules before it accept or drop every packet that this rule asks for, so that it never matches. Where they do the same as it, nothing is lost; but the reader,
who sees a rule at work, is misled, and the next change to the earlier rule changes what this one means.

What to do: delete the rule, or find out which of the earlier ones is wider than it was meant to be.

Limits: said only where it is certain: for every packet that the chain can get, in every connection state, and only if plain accepts
and drops of the same chain take all of it. Rules with a rate, a chance, a time or something unknown count as matched. Rules that a jump takes the packets
from, passive rules (LOG) and tables of which only a part is given are left out.)",
    .bad = R"(*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 1:1024 -j ACCEPT
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
)",
    .good = R"(*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -p tcp -m tcp --dport 1:1024 -j ACCEPT
COMMIT
)",
    .also = "",
    .run = find_shadowed_rule};

}  // namespace untrack::checks
