// Programs that load connection tracking again after it was unloaded, and how a ruleset shows that
// they are at work: by the names of their chains or the comments on their rules. Used by the unload
// plan, and by what `rewrite` and `audit` say to do next; rows carry what comes back and what to do
// about it.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "model/ruleset.hpp"

namespace untrack {

struct LoaderRow {
  std::string_view id = {};         // "docker"
  std::string_view who = {};        // "Docker"
  std::string_view chains = {};     // names, or beginnings with a star, separated by blanks
  std::string_view comment = {};    // beginning of a rule's comment; empty: none
  std::string_view header = {};     // beginning of a `# ` line at the top of a file; empty: none
  std::string_view processes = {};  // names as in /proc/PID/comm, separated by blanks
  bool needs_tracking = true;       // false: recognised, and harmless to an unload
  bool publishes_ports = false;     // it translates more ports of this host while it runs
  std::string_view reloads = {};    // what it loads, and when
  std::string_view what_to_do = {};
  // Where a change of the rules lasts, since the program writes its own again; half a sentence.
  // Empty: it writes nothing that a rewrite changes.
  std::string_view own_rules = {};
  std::string_view evidence = {};
};

// All rows, sorted by id.
[[nodiscard]] std::span<const LoaderRow> loader_rows();

struct Loader {
  const LoaderRow* row = nullptr;
  std::string_view seen = {};  // the chain's name, the rule's comment or the file's header
  Span span = {};              // where; empty for a chain that is only implied
};

// At most one entry per row: the first place in the order of the ruleset. Sorted by id. Linear in
// chains and rules for a table of this size.
[[nodiscard]] std::vector<Loader> find_loaders(const Sources& sources, const Ruleset& ruleset);

// True if `name` is one of `patterns`, which are spelled as LoaderRow::chains.
[[nodiscard]] bool matches_any(std::string_view patterns, std::string_view name);

}  // namespace untrack
