#include "parser/iptables/problems.hpp"

#include <fmt/format.h>

#include <utility>

#include "model/spelling.hpp"

namespace untrack::iptables {

void add_error(Ruleset& ruleset, const Span& span, std::string message, std::string label,
               std::string cure, bool may_track) {
  ruleset.problems.push_back(
      {ProblemKind::error, span, std::move(message), std::move(label), std::move(cure), may_track});
}

void add_not_understood(Ruleset& ruleset, const Span& span, std::string message, std::string label,
                        std::string cure, bool may_track) {
  ruleset.problems.push_back({ProblemKind::not_understood, span, std::move(message),
                              std::move(label), std::move(cure), may_track});
}

void add_note(Ruleset& ruleset, const Span& span, std::string message, std::string label,
              std::string cure) {
  ruleset.problems.push_back(
      {ProblemKind::note, span, std::move(message), std::move(label), std::move(cure), false});
}

std::string in_quotes(std::string_view text) {
  constexpr std::size_t shown = 60;
  if (text.size() <= shown) return fmt::format("\"{}\"", text);
  return fmt::format("\"{}...{}\"", text.substr(0, shown / 2),
                     text.substr(text.size() - shown / 2));
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const std::optional<std::string_view> found = nearest(word, candidates);
  return found ? fmt::format("did you mean {}?", in_quotes(*found)) : std::string();
}

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
       fmt::format("{} more problems in this input are not listed", left_out_), "",
       "Solve the first ones; the rest often goes with them.", may_track_});
}

}  // namespace untrack::iptables
