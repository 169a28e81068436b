// DiffReport: the one value that `untrack diff` produces and that every format prints. Made by
// app/pipeline/diff; no format computes anything of its own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "analysis/conntrack/tracking.hpp"
#include "analysis/difference/difference.hpp"
#include "analysis/pressure/table_change.hpp"
#include "analysis/program/free_variables.hpp"
#include "model/ruleset.hpp"
#include "model/source_text.hpp"
#include "report/compared_side.hpp"

namespace untrack {

struct FamilyDifference {
  IpVersion version{};
  TrackingState before = TrackingState::unknown;
  TrackingState after = TrackingState::unknown;
  // None: the limit of the analysis was reached.
  std::optional<Difference> difference;
};

// A construct around conntrack that one of the rulesets has more often than the other.
struct ConstructChange {
  bool is_added = false;
  std::string text;  // "-j MASQUERADE"
  Span span;         // in the sources of the side that has it
  IpVersions ip_versions;
};

// What the change means for the conntrack table, beside the packets that make entries
// (Difference::entries).
struct PressureDifference {
  bool is_used_before = false;  // tracking is forced in a family, or that is not known
  bool is_used_after = false;
  bool has_settings = false;  // of both sides: limits and timeouts are compared, too
  std::vector<TableChange> changes;
  std::vector<std::string> notes;  // what of the settings was not understood
};

struct DiffReport {
  ComparedSide before;
  ComparedSide after;
  std::shared_ptr<const FreeVariables> variables;  // that the witnesses speak of
  std::string summary;                             // one or two sentences
  std::vector<FamilyDifference> families;          // IPv4 first
  std::vector<ConstructChange> constructs;
  PressureDifference pressure;
  bool is_fully_understood = true;  // both rulesets, and every question answered

  // No packet, in any state, is decided otherwise, and the same is done to it besides.
  [[nodiscard]] bool is_equivalent() const;
};

}  // namespace untrack
