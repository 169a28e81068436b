// A difference as a reviewer reads it: the answer first, then each kind of packets with an example
// and the rules that decide it, then what changes around conntrack.
#pragma once

#include <string>

#include "report/diff_report.hpp"
#include "report/terminal.hpp"

namespace untrack {

[[nodiscard]] std::string write_diff_text(const DiffReport& report, const Display& display);

}  // namespace untrack
