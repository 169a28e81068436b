// What an administrator does next with a rewritten ruleset: try it with a way back that comes by
// itself, what becomes of open connections, how to go back. A part of the text report of `rewrite`;
// each command and each statement was measured in a network namespace.
#pragma once

#include <string>

#include "report/rewrite/rewrite_report.hpp"
#include "report/terminal.hpp"

namespace untrack {

// Of what was rewritten; empty if nothing was.
[[nodiscard]] std::string rewrite_next_text(const RewriteReport& report, const Display& display);

}  // namespace untrack
