// Does this ruleset make the kernel track connections, and what in it does? Presence decides, not
// reachability: the kernel takes its reference when a rule is loaded (nf_ct_netns_get, called from
// the extension's init), never when it is evaluated. Read by checks, pressure and unload.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "model/kernel_version.hpp"
#include "model/ruleset.hpp"

namespace untrack {

enum class TrackingState : std::uint8_t { forced, not_forced, unknown };
[[nodiscard]] std::string_view to_text(TrackingState state);

struct FamilyTracking {
  TrackingState state = TrackingState::not_forced;
  std::vector<ConstructId> forced_by;     // in the order of the text
  std::vector<TableId> forced_by_tables;  // nat tables, before 4.10 only
  std::vector<std::size_t> not_known;     // indices into ruleset.problems that may force tracking
  // Rules with something that the catalog does not know or a jump that leads nowhere, so that what
  // they load is not known either.
  std::vector<RuleId> unknown_rules;
  // Rules that jump to chains which are taken to exist, but are in no input.
  std::vector<RuleId> open_rules;
  std::size_t forcing_rules = 0;  // rules that hold the constructs of forced_by
  std::size_t rules = 0;          // rules of this family that stand in a chain
  std::string why;                // one sentence without a full stop
};

// `kernel`: the target's version; none: a kernel of 4.10 or later. Before 4.10 the loaded module
// alone tracks everything in every namespace (commit 0c66dc1ea3f0), so that even an empty nat table
// forces it.
struct Tracking {
  std::array<FamilyTracking, 2> by_version;  // indexed by IpVersion
  [[nodiscard]] const FamilyTracking& operator[](IpVersion version) const {
    return by_version[static_cast<std::size_t>(version)];
  }
};

[[nodiscard]] Tracking find_tracking(const Ruleset& ruleset,
                                     const std::optional<KernelVersion>& kernel);

// Whether a rule with this construct takes a conntrack reference when it is loaded. False for what
// the catalog does not know.
[[nodiscard]] bool takes_reference(const Ruleset& ruleset, const Construct& construct);

// Whether the option was given; `name` is the long name in the catalog.
[[nodiscard]] bool has_option(const Ruleset& ruleset, const Construct& construct,
                              std::string_view name);

// The families of the inputs that came from this source; both if it has no summary.
[[nodiscard]] IpVersions ip_versions_of(const Ruleset& ruleset, SourceId source);

// The first kernel whose hooks are registered for each namespace when a rule needs them.
inline constexpr KernelVersion hooks_on_demand{4, 10, 0};

}  // namespace untrack
