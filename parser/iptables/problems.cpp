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

}  // namespace untrack::iptables
