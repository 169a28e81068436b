// The words of a diff for what changes about the conntrack table: shared by its text, its Markdown
// and its page.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/diff_report.hpp"

namespace untrack {

struct PressureWords {
  std::string label;               // "entries", "entry", "setting"
  std::vector<std::string> lines;  // at least one
};

inline constexpr std::string_view pressure_heading = "Pressure on the conntrack table";

// In the order in which they are told. Empty: neither ruleset uses the table.
[[nodiscard]] std::vector<PressureWords> pressure_words(const DiffReport& report);

}  // namespace untrack
