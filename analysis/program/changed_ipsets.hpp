// ChangedIpsets: the sets that rules with the target SET put into or take out of. A list:set
// changes with its members. Used by Program.
#pragma once

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "analysis/program/ipset_names.hpp"

namespace untrack {

class ChangedIpsets {
 public:
  // Both are to outlive this.
  ChangedIpsets(const Ruleset& ruleset, const IpsetNames& names)
      : ruleset_(ruleset), names_(names) {}

  void note(const Construct& target) {
    if (target.extension == nullptr || target.extension->name != "SET") return;
    for (const OptionUse& option : slice(ruleset_.options, target.options)) {
      const std::string_view value = option.value;
      const IpsetNames::Filled filled = names_.filled_by(value.substr(0, value.find(' ')));
      changed_.insert(filled.names.begin(), filled.names.end());
      is_any_ = is_any_ || filled.is_any;
    }
  }

  // Once all targets are noted.
  void finish() {
    if (changed_.empty()) return;
    const auto is_changed = [&](std::string_view word) { return changed_.contains(word); };
    for (const NamedSet& set : ruleset_.sets) {
      if (set.type == "list:set" && std::ranges::any_of(set.words, is_changed)) {
        changed_.insert(set.name);
      }
    }
  }

  [[nodiscard]] bool has(std::string_view name) const { return is_any_ || changed_.contains(name); }

 private:
  const Ruleset& ruleset_;
  const IpsetNames& names_;
  std::unordered_set<std::string_view> changed_;
  bool is_any_ = false;
};

}  // namespace untrack
