#include "analysis/checks/taken_packets.hpp"

#include <fmt/format.h>

namespace untrack::checks {

void find_taken_packets(const Facts& facts, const CheckInfo& check, bool is_opposite,
                        const TakenPacketsWords& words, std::vector<Finding>& findings) {
  constexpr std::size_t shown = 3;
  for (std::size_t i = 0; i < facts.shadows.of_rule.size(); ++i) {
    const Rare<Shadow>& shadow = facts.shadows.of_rule[i];
    // What the text alone shows to be unreached is told by others.
    if (!shadow || shadow->is_opposite != is_opposite || !facts.is_reached[i]) continue;
    Finding finding;
    finding.check = &check;
    finding.severity = check.severity;
    finding.span = facts.ruleset.rules[i].text;
    finding.message = words.message;
    finding.label = words.label;
    for (std::size_t k = 0; k < shadow->takers.size() && k < shown; ++k) {
      finding.related.push_back({facts.ruleset[shadow->takers[k]].text, "takes its packets"});
    }
    if (shadow->takers.size() > shown) {
      finding.notes.push_back(
          fmt::format("{} more rules take a part of them", shadow->takers.size() - shown));
    }
    finding.notes.emplace_back(words.cure);
    finding.ip_versions = facts.ip_versions_of(RuleId(i));
    findings.push_back(std::move(finding));
  }
}

}  // namespace untrack::checks
