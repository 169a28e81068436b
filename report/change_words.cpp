#include "report/change_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace untrack {

std::string_view heading(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::accepted:
      return "newly accepted";
    case ChangeKind::refused:
      return "newly refused";
    case ChangeKind::answered:
      return "refused by both, answered now";
    case ChangeKind::unanswered:
      return "refused by both, no longer answered";
    case ChangeKind::unknown:
      return "not known";
  }
  return {};
}

std::string states_of(const Change& change) {
  if (change.states.empty()) return "";
  constexpr std::size_t all = 4;
  if (change.states.size() == all) return "in any state";
  std::vector<std::string_view> names;
  for (const CtState state : change.states) names.push_back(to_text(state));
  return fmt::format("as {}", fmt::join(names, ", "));
}

}  // namespace untrack
