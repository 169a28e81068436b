// What a host says of its kernel modules: which are loaded and used by what (/proc/modules), which
// need which (modules.dep), which are built in (modules.builtin). Read by parser/modules from text,
// used by rewriter/unload. Names are spelled with underscores, as the kernel spells them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/source_text.hpp"

namespace untrack {

struct LoadedModule {
  std::string name;
  // References from modules and from everything else; none where the kernel cannot unload modules
  // (CONFIG_MODULE_UNLOAD off: `-` in /proc/modules).
  std::optional<std::uint32_t> use_count;
  std::vector<std::string> used_by;  // loaded modules that depend on this one
  bool is_permanent = false;         // has no exit function: can never be unloaded
  Span line;
};

// One line of modules.dep; `depends` is transitive there (depmod(8), modules.dep(5)).
struct ModuleDependencies {
  std::string name;
  std::vector<std::string> depends;
};

}  // namespace untrack
