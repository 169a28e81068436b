// What `untrack rewrite` prints: what became of each family, the difference of the texts, the
// proof, and what an administrator does next.
#pragma once

#include <string>

#include "report/rewrite_report.hpp"
#include "report/terminal.hpp"

namespace untrack {

[[nodiscard]] std::string rewrite_text(const RewriteReport& report, const Display& display);

// The differences alone, as patch(1) takes them. Not escaped.
[[nodiscard]] std::string rewrite_diff(const RewriteReport& report);

}  // namespace untrack
