// FlowTable: the flow classes of one family as plain values that outlive the diagram, for `audit`
// and its reports (docs/flows.md). Where the analysis cannot speak for the whole host, the table
// says why, and nobody may call a host free of the need for tracking on its ground.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/flows/family_world.hpp"
#include "analysis/flows/flows.hpp"
#include "model/ruleset.hpp"

namespace untrack {

struct FlowRow {
  Path path{};
  RuleId rule;                     // that admits the flows; names nothing: the policy of `chain`
  ChainId chain;                   // where the rule stands; names nothing: there is none on the way
  std::vector<std::string> flows;  // lines that say which; not escaped, names come from rulesets
  Need need{};
  std::vector<ExposureKind> exposure;
  ConstructId bound_by;  // of a bound class
  // Why `rewrite --mode notrack` would leave a free class tracked, half a sentence; empty: it would
  // try it, the flows are untracked already, or the class is not free.
  std::string left = {};
};

struct FlowTable {
  IpVersion version{};
  std::string not_known;  // why there are no rows, half a sentence; empty: there are
  // Why flows may be missing from the rows, half a sentence; empty: they are all there.
  std::string incomplete;
  bool knows_what_is_left = false;  // FlowRow::left was found
  std::vector<FlowRow> rows;        // by way, then in the order of the text
  // By RuleId: what untracking takes for the flows that a state match of the rule serves, of which
  // it admits the first packets or lets the later ones pass. None: not known, or no such rule.
  std::vector<std::optional<Need>> need_of_rule;

  [[nodiscard]] bool is_whole() const { return not_known.empty() && incomplete.empty(); }
};

enum class FlowWords : bool { none, lines };

// `words`: none leaves FlowRow::flows empty, for who counts the rows alone. Never throws
// BudgetExhausted.
[[nodiscard]] FlowTable find_flow_table(FamilyWorld& family, const Assumptions& assumptions,
                                        FlowWords words = FlowWords::lines);

}  // namespace untrack
