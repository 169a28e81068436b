// Does this ruleset make the kernel track connections, and what in it does? Presence decides, not
// reachability: the kernel takes its reference when a rule is loaded (nf_ct_netns_get, called from
// the extension's init), never when it is evaluated. Read by checks, pressure and unload.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "model/kernel_version.hpp"
#include "model/ruleset.hpp"

namespace untrack {

enum class TrackingState : std::uint8_t { forced, not_forced, unknown };
[[nodiscard]] std::string_view to_text(TrackingState state);

struct FamilyTracking {
  TrackingState state = TrackingState::not_forced;
  std::vector<ConstructId> forced_by;    // in the order of the text
  std::vector<std::size_t> not_known;    // indices into ruleset.problems that may force tracking
  std::string why;                       // one sentence
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

}  // namespace untrack
