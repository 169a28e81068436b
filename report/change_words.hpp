// The words of a diff for what changes: shared by its text and its Markdown.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "analysis/difference/difference.hpp"

namespace untrack {

// In the order in which they are told.
inline constexpr std::array change_kinds = {ChangeKind::accepted, ChangeKind::refused,
                                            ChangeKind::answered, ChangeKind::unanswered,
                                            ChangeKind::unknown};

[[nodiscard]] std::string_view heading(ChangeKind kind);
// "as new, established", "in any state"; empty if neither ruleset looks at the state.
[[nodiscard]] std::string states_of(const Change& change);

}  // namespace untrack
