#include "parser/nft/syntax_problem.hpp"

#include <algorithm>
#include <array>

namespace untrack::nft {
namespace {

// Beyond it a part that was not read is not looked through.
constexpr std::size_t longest_part = 100'000;

constexpr std::array<std::string_view, 7> words_of_connections = {
    "ct", "nat", "masquerade", "redirect", "synproxy", "flow", "xt"};

}  // namespace

Problem syntax_problem(const SyntaxError& error, std::string_view whole,
                       std::span<const std::string_view> more_words) {
  const auto is_in_it = [whole](std::string_view word) {
    return whole.find(word) != std::string_view::npos;
  };
  Problem problem;
  problem.kind = error.is_wrong ? ProblemKind::error : ProblemKind::not_understood;
  problem.span = error.span;
  problem.message = error.message;
  problem.label = error.label;
  problem.cure = error.cure;
  problem.may_track = whole.size() > longest_part ||
                      std::ranges::any_of(words_of_connections, is_in_it) ||
                      std::ranges::any_of(more_words, is_in_it);
  return problem;
}

}  // namespace untrack::nft
