// A diff as Markdown, for a comment in a review: what changes for packets and for tracking, in a
// screenful; what is long is folded.
#pragma once

#include <string>

#include "report/diff_report.hpp"

namespace untrack::formats {

[[nodiscard]] std::string write_diff_markdown(const DiffReport& report);

// The same without its heading, to stand in another document.
[[nodiscard]] std::string diff_sections(const DiffReport& report);

}  // namespace untrack::formats
