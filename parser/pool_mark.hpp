// PoolMark: where the pools of a ruleset end, so that what a command put there can be taken back: a
// rule that was only looked for (-D, -C), or that is not for this address family.
#pragma once

#include "model/ruleset.hpp"

namespace untrack {

class PoolMark {
 public:
  explicit PoolMark(const Ruleset& ruleset)
      : parts_(ruleset.parts.size()),
        constructs_(ruleset.constructs.size()),
        options_(ruleset.options.size()),
        intervals_(ruleset.intervals.size()),
        names_(ruleset.names.size()),
        lookups_(ruleset.lookups.size()),
        counters_(ruleset.counters.size()) {}

  // Problems stay. Ids and ranges beyond the mark name nothing any more.
  void roll_back(Ruleset& ruleset) const {
    ruleset.parts.resize(parts_);
    ruleset.constructs.resize(constructs_);
    ruleset.options.resize(options_);
    ruleset.intervals.shorten(intervals_);
    ruleset.names.resize(names_);
    ruleset.lookups.resize(lookups_);
    ruleset.counters.resize(counters_);
  }

 private:
  std::size_t parts_;
  std::size_t constructs_;
  std::size_t options_;
  std::size_t intervals_;
  std::size_t names_;
  std::size_t lookups_;
  std::size_t counters_;
};

}  // namespace untrack
