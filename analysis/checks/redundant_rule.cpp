#include <fmt/format.h>

#include <algorithm>

#include "analysis/checks/list.hpp"
#include "analysis/facts.hpp"

namespace untrack::checks {
namespace {

bool forces_tracking_by_itself(const Ruleset& ruleset, const Rule& rule) {
  const auto constructs = slice(ruleset.constructs, rule.constructs);
  return std::any_of(constructs.begin(), constructs.end(), [&](const Construct& construct) {
    return takes_reference(ruleset, construct);
  });
}

void find_redundant_rule(const Facts& facts, std::vector<Finding>& findings) {
  constexpr std::size_t shown = 3;
  const auto& redundant = facts.redundancies.takers;
  for (std::size_t i = 0; i < redundant.size(); ++i) {
    if (!redundant[i] || !facts.is_reached[i]) continue;
    const Rule& rule = facts.ruleset.rules[i];
    const std::vector<RuleId>& takers = *redundant[i];
    Finding finding;
    finding.check = &redundant_rule;
    finding.severity = redundant_rule.severity;
    finding.span = rule.text;
    finding.message = takers.size() == 1
                          ? "a later rule decides the same for all packets of this rule"
                          : "later rules decide the same for all packets of this rule";
    finding.label = "decides nothing of its own";
    for (std::size_t k = 0; k < takers.size() && k < shown; ++k) {
      finding.related.push_back({facts.ruleset[takers[k]].text, "would take them"});
    }
    if (takers.size() > shown) {
      const std::size_t more = takers.size() - shown;
      finding.notes.push_back(
          fmt::format("{} more rule{} would take a part of them", more, more == 1 ? "" : "s"));
    }
    finding.notes.emplace_back(
        "it can go without any effect, unless it stands there for its counter or for speed");
    if (forces_tracking_by_itself(facts.ruleset, rule)) {
      finding.notes.emplace_back(
          "without the last rule that forces tracking (UT301), tracking itself ends");
    }
    finding.ip_versions = facts.ip_versions_of(RuleId(i));
    findings.push_back(std::move(finding));
  }
}

}  // namespace

const CheckInfo redundant_rule{
    .code = "UT202",
    .name = "redundant-rule",
    .since = "0.1",
    .severity = Severity::note,
    .summary =
        "A rule that matches packets, but later rules of its chain would decide the same for all "
        "of them.",
    .why =
        R"(Every packet that this rule accepts (or drops) would be accepted (or dropped) by later rules of the same chain if it were not there, and nothing in between would
see the difference. Each packet that does not match is compared for nothing, and who deletes the rule to close a service finds it open still.

What to do: delete it, or find out whether the later rule is wider than it was meant to be. Keep it where it stands for its counter, or
in front for speed: a rule that takes most packets early saves them the way through the others. All rules that are reported in one run can go together.

Limits: said only where it is certain: for every packet that comes to the rule on any way, in every connection state. What only the policy, the caller of
the chain, a chain that is called or a rule without conditions would decide is not reported, nor is a rule whose packets would meet LOG, a mark, a rule that only counts, or a rate (`limit`,
`recent`, `hashlimit`) on their way to the later rule. REJECT stands for REJECT only where it answers in the same way. Rules with a rate, a chance, a time or something unknown
are left out, and so are tables of which only a part is given. If the rule is the last that forces connection tracking (UT301), tracking ends with it, and so does the reassembly of fragments (UT316).)",
    .bad = R"(*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 192.0.2.0/24 -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -s 203.0.113.9/32 -j DROP
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
)",
    .good = R"(*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
-A INPUT -s 203.0.113.9/32 -j DROP
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
COMMIT
)",
    .also = "",
    .run = find_redundant_rule};

}  // namespace untrack::checks
