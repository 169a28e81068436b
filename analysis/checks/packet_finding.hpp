// What the checks share that show one packet (UT312, UT313, UT315, UT402): a finding about a rule
// of one family, and who refuses the packet. The words are each check's own.
#pragma once

#include <string_view>

#include "analysis/check.hpp"
#include "analysis/facts.hpp"

namespace untrack::checks {

// With the check, its severity, the place of the rule and the family; message and label are empty.
[[nodiscard]] Finding packet_finding(const CheckInfo& check, const Facts& facts, RuleId rule,
                                     IpVersion version);

// Shows the rule with the label; nothing if it names none, as where a policy stands in its place.
void add_rule(Finding& finding, const Facts& facts, RuleId rule, std::string_view label);

// "refuses WHAT" beside the rule, or a note about the policy of the chain where no rule does it.
void add_refuser(Finding& finding, const Facts& facts, RuleId rule, ChainId chain,
                 std::string_view what);

}  // namespace untrack::checks
