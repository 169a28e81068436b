// ProblemLimit: keeps a hostile input from turning into gigabytes of problems. Used by the readers
// of text: at most `limit` problems of one input stay; the others are counted and told of at the
// end, so that nothing is dropped silently.
#pragma once

#include "model/ruleset.hpp"

namespace untrack {

class ProblemLimit {
 public:
  static constexpr std::size_t limit = 10'000;

  ProblemLimit(Ruleset& ruleset, SourceId source)
      : ruleset_(ruleset), source_(source), first_(ruleset.problems.size()) {}
  // Called after each line.
  void apply();
  // Adds the problem that stands for all that were left out.
  void finish();

 private:
  Ruleset& ruleset_;
  SourceId source_;
  std::size_t first_;
  std::size_t left_out_ = 0;
  bool has_error_ = false;
  bool may_track_ = false;
};

}  // namespace untrack
