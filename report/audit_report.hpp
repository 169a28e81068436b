// AuditReport: the one value that `untrack audit` produces and that every format prints. Made by
// app/pipeline/audit; no format computes anything of its own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/attribution/attribution.hpp"
#include "analysis/conntrack/tracking.hpp"
#include "analysis/finding.hpp"
#include "analysis/flows/flow_table.hpp"
#include "model/kernel_version.hpp"
#include "model/ruleset.hpp"
#include "model/snapshot.hpp"
#include "model/source_text.hpp"

namespace untrack {

struct FamilyVerdict {
  IpVersion version{};
  TrackingState state = TrackingState::unknown;
  std::vector<std::size_t> forced_by;  // indices into findings
  std::size_t constructs = 0;          // that force tracking
  std::size_t forcing_rules = 0;
  std::size_t rules = 0;
  std::string why;
  // What is known to be unable to work without tracking, each name once: "-j MASQUERADE".
  std::vector<std::string> bound;
};

// Of how many rules it is known whether some packet matches them; see docs/performance.md.
struct LiveRules {
  std::size_t rules = 0;  // that stand in a chain of the families that the inputs cover
  std::size_t live = 0;   // each shown by a packet that the concrete walk has followed to it
  std::size_t never = 0;  // no packet comes to it, or all that do are not what it asks for
  [[nodiscard]] std::size_t not_known() const { return rules - live - never; }
};

struct ModuleUse {
  std::string name;
  std::vector<std::size_t> needed_by;  // indices into findings
};

// For people: "tracked", "not forced", "not known".
[[nodiscard]] std::string_view state_word(TrackingState state);

// Why a finding does not count, although it is there.
struct Suppression {
  enum class Kind : std::uint8_t {
    in_source,      // a comment beside the rule
    baseline,       // known from --baseline
    configuration,  // the check is off
  };
  std::size_t finding = 0;  // index into findings
  Kind kind{};
  std::string reason;         // as it is written; not escaped
  std::optional<Span> place;  // of the comment
};
[[nodiscard]] std::string_view to_text(Suppression::Kind kind);
[[nodiscard]] std::string reason_text(const Suppression& suppression);  // for people; not escaped

// A finding of a baseline (report/baseline.hpp).
struct BaselineEntry {
  std::string host;
  std::string code;
  std::string path;
  std::string message;  // for people
  std::string fingerprint;
};

struct AuditReport {
  std::string host;  // its name where it is one of many; else empty
  Sources sources;
  Ruleset ruleset;
  std::optional<KernelVersion> kernel;  // the target, if one was named
  std::string verdict;                  // one or two sentences for all families
  std::vector<FamilyVerdict> families;  // those that the inputs cover, IPv4 first
  LiveRules lives;
  std::vector<Finding> findings;           // by place, then code
  Assumptions assumed;                     // under which the flow classes are judged
  std::vector<FlowTable> flows;            // of families whose tracking is forced or not known
  std::optional<Attribution> attribution;  // if entries were given
  unsigned entry_bytes = 0;                // of one of its entries
  std::vector<Problem> entry_problems;     // lines that are no entry or no setting
  std::vector<ModuleUse> modules;          // by name
  std::vector<ConntrackUser> users;        // that are in no ruleset, as far as a snapshot tells
  std::vector<std::string> not_seen;       // what could track and is in no input
  std::vector<std::string> skipped;        // files of a directory that are no rulesets
  std::vector<std::string> unreadable;     // inputs, and why; not empty: nothing was judged
  std::vector<Suppression> suppressions;   // by finding, one at most for each
  bool has_baseline = false;               // the findings that it has are suppressed
  std::vector<BaselineEntry> gone;         // entries of the baseline that no longer occur
  std::vector<std::string> not_there;  // parts of the running kernel that hold no rules, and why
  std::vector<std::string> next;       // commands, of one host alone
  std::vector<std::string> keepers;    // programs that load such rules again; sentences
  bool is_fully_understood = true;     // false: exit status 3

  // nullptr: the finding counts.
  [[nodiscard]] const Suppression* suppression_of(std::size_t finding) const;
  // Those that count, in their order.
  [[nodiscard]] std::vector<const Finding*> counting() const;
};

}  // namespace untrack
