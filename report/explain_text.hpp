// The way of a packet as people read it: the verdict first, then hook by hook what it met.
#pragma once

#include <string>

#include "report/explain_report.hpp"
#include "report/terminal.hpp"

namespace untrack {

// `verbose`: also each rule that did not match, with the words that failed.
[[nodiscard]] std::string write_explain_text(const ExplainReport& report, const Display& display,
                                             bool verbose);

}  // namespace untrack
