// The words of a diff for what changes: shared by its text, Markdown and HTML.
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

inline constexpr std::string_view work_heading = "what is done besides";
inline constexpr std::string_view work_not_compared =
    "What is done to packets besides was not compared: the limit of the analysis was reached.";

[[nodiscard]] std::string_view heading(ChangeKind kind);
// "as new, established", "in any state"; empty if neither ruleset looks at the state.
[[nodiscard]] std::string states_of(const Change& change);

}  // namespace untrack
