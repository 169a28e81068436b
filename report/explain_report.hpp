// ExplainReport: the one value that `untrack explain` produces and that every format prints. Made
// by app/pipeline/explain; no format computes anything of its own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/packet/packet.hpp"
#include "analysis/walk/concrete.hpp"
#include "model/ruleset.hpp"
#include "model/source_text.hpp"

namespace untrack {

// One rule that the packet met, a policy, or the place where conntrack looks.
struct ExplainStep {
  Hook hook{};
  std::string_view table;
  std::string_view chain;
  RuleId rule;  // names nothing: the policy of the chain
  Span span;    // of the rule, or of the chain's declaration
  bool matched = false;
  std::string failed;              // the words that did not match
  std::string action;              // "accept", "jump services", "next rule" ...
  std::vector<std::string> asked;  // conditions that no packet tells and that were taken as false
};

struct ExplainCondition {
  std::string text;
  Span first_use;
  bool holds = false;
};

// One way in which the conditions that no packet tells may turn out.
struct ExplainCase {
  std::vector<ExplainCondition> conditions;
  Decision decision{};
};

// Where it goes behind a rule ahead of routing that sets its destination.
struct ExplainedTranslation {
  std::string to;    // "172.17.0.2:80", "port 3128 of this host"
  std::string rule;  // "rules.v4:7:1"
  Path way{};        // on which it goes on
};

// What becomes of it by where it leaves, which nobody told.
struct ExplainedRoute {
  std::vector<std::string> leaves_by;  // "docker0", "another"
  Decision decision{};
  std::string decided_by;
  std::vector<ExplainCase> cases;
};

struct Explained {
  Packet packet;
  std::vector<std::string> assumed;
  Decision decision = Decision::accept;  // with all such conditions false
  std::vector<ExplainStep> steps;
  std::size_t steps_before_conntrack = 0;
  std::string state;  // "NEW", empty where nothing tracks
  bool is_state_assumed = false;
  std::string state_why;       // one sentence without a full stop
  std::string decided_by;      // "the policy of INPUT in filter", "rules.v4:7:1"
  bool is_translated = false;  // met a NAT rule
  // A rule left its mark open (one that its connection keeps); with any mark it ends so.
  bool is_for_any_mark = false;
  std::optional<ExplainedTranslation> translation;
  // More than one if the decision depends on where it leaves; the steps are those of the first.
  std::vector<ExplainedRoute> routes;
  bool is_cut = false;  // there are more rules on its way than are followed; steps are the first
  std::string guessed;  // what it rests on that cannot be known here; the decision is unknown
  // More than one if the decision depends on such conditions.
  std::vector<ExplainCase> cases;
  bool has_all_cases = true;
  bool is_of_other_family = false;  // the rules that were given do not say that they cover it
};

struct ExplainReport {
  std::unique_ptr<Sources> sources;
  Ruleset ruleset;
  std::vector<Explained> packets;
  bool is_fully_understood = true;
};

}  // namespace untrack
