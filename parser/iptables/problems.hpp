// Short forms for reporting problems from the readers, and the limit that keeps a hostile input
// from turning into gigabytes of them.
#pragma once

#include <string>
#include <string_view>

#include "model/ruleset.hpp"

namespace untrack::iptables {

void add_error(Ruleset& ruleset, const Span& span, std::string message, std::string label = {},
               std::string cure = {}, bool may_track = false);
void add_not_understood(Ruleset& ruleset, const Span& span, std::string message,
                        std::string label = {}, std::string cure = {}, bool may_track = false);
void add_note(Ruleset& ruleset, const Span& span, std::string message, std::string label = {},
              std::string cure = {});

// The text in double quotes for a message, shortened in the middle beyond 60 bytes.
[[nodiscard]] std::string in_quotes(std::string_view text);

// ` did you mean "INPUT"?`-style label; empty if there is no candidate.
[[nodiscard]] std::string did_you_mean(std::string_view word,
                                       std::span<const std::string_view> candidates);

// Keeps at most `limit` problems of one input; counts the others and says so at the end, so that
// nothing is dropped silently.
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

}  // namespace untrack::iptables
