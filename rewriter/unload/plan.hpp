// UnloadPlan: what keeps nf_conntrack loaded, whether it can go, in which order and by which steps,
// and what brings it back. One value; the text, the JSON and the shell script are printed from it.
// Made by plan_unload() from a ruleset and what is known of the host's modules. Used by app/ and
// report/. It never says `ready` while anything that it knows of still needs or may need tracking.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/conntrack/tracking.hpp"
#include "model/host_modules.hpp"
#include "model/kernel_version.hpp"
#include "model/ruleset.hpp"
#include "model/snapshot.hpp"
#include "rewriter/unload/loaders.hpp"

namespace untrack {

enum class HolderKind : std::uint8_t {
  rule,            // a construct of the given ruleset
  nat_table,       // a nat table in it: loading that needs the module, even without rules
  not_understood,  // may be a rule that needs tracking
  module,          // a loaded module
  other_user,      // what is in no ruleset: tc, another network namespace ...
  built_in,        // the kernel itself
};
[[nodiscard]] std::string_view to_text(HolderKind kind);

struct Holder {
  HolderKind kind{};
  std::string name = {};  // "-m state", "*nat", "xt_conntrack"
  std::optional<Span> span = {};
  IpVersions ip_versions = {};
  bool forces_tracking = false;           // false: holds the module, but switches nothing on
  std::vector<std::string> modules = {};  // that it keeps loaded; sorted
  std::vector<std::string> used_by = {};  // for a module: others that use it
  std::optional<std::uint32_t> use_count = {};
  std::uint32_t not_explained = 0;  // references that neither modules nor the given rules explain
  std::string why = {};             // half a sentence without a full stop
  std::string what_to_do = {};
};

// One step of the script. `command`, `check` and `undo` are POSIX sh, and use the functions of the
// script; empty: none. A check succeeds, or returns 3 for "nothing to do", or refuses.
struct UnloadStep {
  std::string id = {};      // letters, digits, `-` and `_`
  std::string action = {};  // what a person reads
  std::string command = {};
  std::string check = {};
  std::string undo = {};
};

enum class UnloadStatus : std::uint8_t {
  ready,        // nothing known speaks against it
  conditional,  // references that nothing given explains must go first
  refused,      // something needs it
  unknown,      // something was not understood that may need it
};
[[nodiscard]] std::string_view to_text(UnloadStatus status);

struct UnloadPlan {
  UnloadStatus status = UnloadStatus::unknown;
  std::string core;  // the module that is to go: nf_conntrack, or ip_conntrack before 2.6.20
  std::string why;   // one sentence
  std::optional<KernelVersion> kernel;
  std::vector<Holder> holders;        // rules in the order of the text, then modules by name
  std::vector<Loader> loaders;        // sorted by id
  std::vector<std::string> order;     // modules, in the order of removal
  std::vector<std::string> may_stay;  // modules that conntrack uses and that may stay
  std::vector<std::string> blocked;   // names that are kept from loading; sorted
  std::vector<UnloadStep> steps;      // empty if refused or unknown
  std::vector<std::string> not_seen;  // what this plan knows nothing of, one sentence each
  [[nodiscard]] bool has_script() const { return !steps.empty(); }
};

struct UnloadInput {
  const Sources& sources;
  const Ruleset& ruleset;
  const Tracking& tracking;
  std::optional<KernelVersion> kernel;                          // none: 4.10 or later
  std::optional<std::vector<LoadedModule>> loaded;              // none: not given
  std::optional<std::vector<ModuleDependencies>> dependencies;  // none: the catalog's
  std::optional<std::vector<std::string>> built_in;             // none: not given
  // Who uses tracking and is in no ruleset, as a snapshot tells; none: nobody looked.
  std::optional<std::vector<ConntrackUser>> users;
  bool modules_understood = true;  // false: lines of the three texts were left out
};

[[nodiscard]] UnloadPlan plan_unload(const UnloadInput& input);

// The script for a plan that has one; empty for any other. Depends on nothing but the plan; holds
// no text from the ruleset. `version`: of untrack.
[[nodiscard]] std::string unload_script(const UnloadPlan& plan, std::string_view version);

}  // namespace untrack
