// The check pages, with what the audit really prints for each bad example.
#pragma once

#include <map>
#include <string>

#include "analysis/check.hpp"
#include "report/terminal.hpp"

namespace untrack {

// What `untrack audit` prints for the check's bad example as an IPv4 ruleset named `bad.rules`: the
// finding of this check alone.
[[nodiscard]] std::string output_of_bad(const CheckInfo& check, const Display& display);

// The files of docs/checks/, name to text.
[[nodiscard]] std::map<std::string, std::string> make_check_pages();

}  // namespace untrack
