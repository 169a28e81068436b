#include "parser/problem_limit.hpp"

#include <fmt/format.h>

namespace untrack {

void ProblemLimit::apply() {
  while (ruleset_.problems.size() > first_ + limit) {
    const Problem& last = ruleset_.problems.back();
    ++left_out_;
    has_error_ = has_error_ || last.kind == ProblemKind::error;
    may_track_ = may_track_ || last.may_track;
    ruleset_.problems.pop_back();
  }
}

void ProblemLimit::finish() {
  if (left_out_ == 0) return;
  ruleset_.problems.push_back(
      {has_error_ ? ProblemKind::error : ProblemKind::not_understood, Span{source_, 0, 0},
       left_out_ == 1 ? std::string("1 more problem in this input is not listed")
                      : fmt::format("{} more problems in this input are not listed", left_out_),
       "", "Solve the first ones; the rest often goes with them.", may_track_});
}

}  // namespace untrack
