#include "analysis/checks/packet_finding.hpp"

#include <fmt/format.h>

namespace untrack::checks {

Finding packet_finding(const CheckInfo& check, const Facts& facts, RuleId rule, IpVersion version) {
  Finding finding;
  finding.check = &check;
  finding.severity = check.severity;
  finding.span = facts.ruleset[rule].text;
  finding.ip_versions = version;
  return finding;
}

void add_rule(Finding& finding, const Facts& facts, RuleId rule, std::string_view label) {
  if (!rule.names_something()) return;
  finding.related.push_back({facts.ruleset[rule].text, std::string(label)});
}

void add_refuser(Finding& finding, const Facts& facts, RuleId rule, ChainId chain,
                 std::string_view what) {
  if (rule.names_something()) {
    add_rule(finding, facts, rule, fmt::format("refuses {}", what));
  } else if (chain.names_something()) {
    finding.notes.push_back(
        fmt::format("the policy of {} refuses {}", facts.ruleset[chain].name, what));
  }
}

}  // namespace untrack::checks
