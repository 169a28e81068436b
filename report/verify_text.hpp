// A verification as people read it: the answer first, then each obligation, the packets that show
// a failure, what is assumed, and what is exposed.
#pragma once

#include <string>

#include "report/terminal.hpp"
#include "report/verify_report.hpp"

namespace untrack {

[[nodiscard]] std::string write_verify_text(const VerifyReport& report, const Display& display);

}  // namespace untrack
