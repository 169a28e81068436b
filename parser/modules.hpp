// Readers for the texts in which Linux describes its modules: /proc/modules, modules.dep and
// modules.builtin. Used by app/ for `untrack unload`. A line that has not the form is a Problem and
// is left out; nothing else is lost. Linear in the size of the text.
#pragma once

#include <string>
#include <vector>

#include "model/host_modules.hpp"
#include "model/problem.hpp"
#include "model/source_text.hpp"

namespace untrack {

// Lines `name size use-count used-by state [address] [taints]`, used-by being `a,b,` or `-`, with
// `[permanent]` where it is so (kernel/module/procfs.c, m_show and print_unload_info; Linux 6.1).
[[nodiscard]] std::vector<LoadedModule> read_proc_modules(const Sources& sources, SourceId source,
                                                          std::vector<Problem>& problems);

// Lines `path: path path ...` (modules.dep(5)).
[[nodiscard]] std::vector<ModuleDependencies> read_modules_dep(const Sources& sources,
                                                               SourceId source,
                                                               std::vector<Problem>& problems);

// One path a line. Returns the names.
[[nodiscard]] std::vector<std::string> read_modules_builtin(const Sources& sources, SourceId source,
                                                            std::vector<Problem>& problems);

// "kernel/net/netfilter/nf_conntrack.ko.xz" and "nf-conntrack" both are nf_conntrack; empty if what
// is left is no module name (letters, digits, underscores).
[[nodiscard]] std::string module_name(std::string_view path);

}  // namespace untrack
