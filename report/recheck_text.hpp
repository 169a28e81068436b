// A recheck as people read it: the answer, then each claim with what became of it.
#pragma once

#include <string>

#include "report/recheck_report.hpp"
#include "report/terminal.hpp"

namespace untrack {

[[nodiscard]] std::string write_recheck_text(const RecheckReport& report, const Display& display);

}  // namespace untrack
