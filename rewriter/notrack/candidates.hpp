// Candidates: the flows that a NOTRACK rewrite can take up: services known by protocol and port
// that need no state, or no more than what is allowed exposes, as far as --only and --except select
// them; and why what was asked for is not among them. Used by app/pipeline/rewrite.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/flows/family_world.hpp"
#include "rewriter/notrack/selectors.hpp"
#include "rewriter/refusal.hpp"

namespace untrack {

struct Candidate {
  std::size_t flow_class = 0;  // index of Flows::classes()
  Ref flows;                   // of it
  std::string selected_by;     // "--only tcp/443"; empty: it was not asked for
  std::size_t entries = 0;     // of a table that was given (saved_entries.hpp)
};

// What might take up flows that are left: the caller has to try it before anybody is told, since
// what was found so far may not be all that stands in the way.
struct Proposal {
  Path path{};
  RuleId rule;                          // as of FlowClass
  ChainId chain;                        // as of FlowClass
  std::vector<ExposureKind> allowed;    // that are not allowed yet
  std::vector<std::string_view> ports;  // a selector with one of these; empty: none is needed

  [[nodiscard]] bool is_about(const FlowClass& row) const {
    return row.path == path && row.rule == rule && row.chain == chain;
  }
};

// Flows that are not taken up, or a selector that selects nothing.
struct LeftFlows {
  Refusal refusal;
  std::optional<Proposal> proposal = {};
};

struct Candidates {
  std::vector<Candidate> rows;  // in the order of the classes; each of a selector of its own
  // Nothing names a service, so that they are TCP to ports that no client takes as its own.
  bool are_low_ports = false;
  // Flows of each way that could be taken up, but for a port by which they are known: what may come
  // along where a rule in raw cannot tell them from others.
  std::array<Ref, 3> spare = {Diagram::no, Diagram::no, Diagram::no};
  // Selectors that select nothing, and accepts that name no port.
  std::vector<LeftFlows> left;
};

// `family` tells apart what `selection` names, see distinctions_for(). Throws BudgetExhausted.
[[nodiscard]] Candidates find_candidates(FamilyWorld& family, const Sources& sources,
                                         const Assumptions& assumptions,
                                         const std::vector<ExposureKind>& allowed,
                                         const Selection& selection);

// Why find_candidates() without selectors takes no flows of a free class, by class; empty: it takes
// some, they are untracked already, or the class is not free. Throws BudgetExhausted.
[[nodiscard]] std::vector<std::string> why_left(FamilyWorld& family, const Sources& sources,
                                                const Assumptions& assumptions);

}  // namespace untrack
