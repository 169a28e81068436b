// next_commands: what to ask of the same rules after an audit: how full their table gets, which
// services can do without it, how to take it away. Used by `untrack audit` of one host.
#pragma once

#include <string>
#include <vector>

#include "report/audit_report.hpp"

namespace untrack {

// The words that name the rules to another command, as they are typed.
struct RulesWords {
  std::vector<std::string> words;    // files, or --live
  std::vector<std::string> options;  // how to read them; `pressure` does not have these
};

// Whole commands; none where nothing is to be done, or where a word is standard input. What is not
// fully understood is not rewritten.
[[nodiscard]] std::vector<std::string> next_commands(const AuditReport& report,
                                                     const RulesWords& rules);

// Whose rules these are, as far as they tell, and where a change of them lasts; sentences.
[[nodiscard]] std::vector<std::string> keepers_of(const AuditReport& report);

}  // namespace untrack
