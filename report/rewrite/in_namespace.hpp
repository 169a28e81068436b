// InNamespace: how a command of a shell is run in the network namespace that rules were read from,
// and what its files are called there. Used by what `rewrite` says to do next: without it the
// commands would load the rules into the host's own namespace.
#pragma once

#include <string>

namespace untrack {

struct InNamespace {
  std::string lead;    // "ip netns exec web ", ahead of a command; empty: the host's own
  std::string suffix;  // ".netns-web", in the names of files, so that two namespaces have their own
  bool is_process = false;  // named by the id of a process in it

  [[nodiscard]] bool is_other() const { return !lead.empty(); }
};

// `netns`: as --netns takes it: a name of ip netns, the id of a process, or a path; empty: the
// host's own.
[[nodiscard]] InNamespace in_namespace(const std::string& netns);

}  // namespace untrack
