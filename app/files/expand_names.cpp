#include "app/files/expand_names.hpp"

#include <glob.h>

#include <algorithm>
#include <filesystem>

namespace untrack {

std::vector<ExpandedName> expand_names(const std::vector<std::string>& names) {
  std::vector<ExpandedName> expanded;
  for (const std::string& name : names) {
    std::error_code ignored;
    if (name.find_first_of("*?[") == std::string::npos || std::filesystem::exists(name, ignored)) {
      expanded.push_back({name, false});
      continue;
    }
    glob_t found{};
    const auto begin = static_cast<std::ptrdiff_t>(expanded.size());
    if (glob(name.c_str(), GLOB_NOSORT, nullptr, &found) == 0) {
      for (std::size_t i = 0; i < found.gl_pathc; ++i) {
        expanded.push_back({found.gl_pathv[i], true});
      }
    } else {
      expanded.push_back({name, false});
    }
    globfree(&found);
    std::ranges::sort(expanded.begin() + begin, expanded.end(), {}, &ExpandedName::name);
  }
  return expanded;
}

}  // namespace untrack
