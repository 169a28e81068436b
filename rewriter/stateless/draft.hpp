// Draft: the first half of a stateless rewrite, from the text alone: what becomes of each rule that
// looks at the state. Conditions on NEW go, rules about INVALID go or become a test of TCP flags,
// and rules that let pass what goes on or answers a flow are marked as places, in which the second
// half (stateless/replies.hpp) writes what they stand for. Nothing here is proven: that is the
// business of the obligations, which the finished text has to meet.
#pragma once

#include <string>
#include <vector>

#include "analysis/flows/assumptions.hpp"
#include "model/ruleset.hpp"
#include "rewriter/edit.hpp"
#include "rewriter/refusal.hpp"

namespace untrack {

enum class Treatment : std::uint8_t {
  without_state,  // the rule stays, its test of the state goes
  without_flags,  // and so does a test that only the first packet of a connection meets
  as_syn,         // the state becomes a test for the first packet of a connection
  as_flags,       // INVALID becomes a test for flags that no stack sends
  as_replies,     // a place: see Draft::places
  removed,
};

struct DraftedRule {
  RuleId rule;
  Treatment treatment{};
};

// A rule whose line is replaced by what it let pass.
struct Place {
  RuleId rule;
  CtStates states;     // that it asked for
  std::string target;  // "-j ACCEPT", as written
  // Rules in front of what it let pass, and behind: what a verdict map says of other states.
  std::vector<std::string> ahead = {};
  std::vector<std::string> behind = {};
};

struct Draft {
  std::vector<DraftedRule> rules;  // in the order of the text
  std::vector<Edit> edits;         // without those of places
  std::vector<Place> places;
  std::vector<Refusal> refusals;  // not empty: the rest counts for nothing
};

// Of the tables that see packets of one family. `ruleset` is resolved and fully
// understood. Of the assumptions, helpers_unused lets rules of helpers go.
[[nodiscard]] Draft draft_stateless(const Ruleset& ruleset, const Sources& sources,
                                    IpVersion version, const Assumptions& assumptions);

}  // namespace untrack
