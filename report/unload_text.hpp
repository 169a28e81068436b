// `untrack unload --output text`: the answer, what holds the modules, in which order they go, what
// brings them back. Problems of the input are printed by the caller.
#pragma once

#include <string>

#include "report/terminal.hpp"
#include "report/unload_report.hpp"

namespace untrack {

[[nodiscard]] std::string unload_text(const UnloadReport& report, const Display& display);

}  // namespace untrack
