// One check as a page: what `untrack checks UT301` prints and what docs/checks/UT301.md holds, from
// the check's row alone.
#pragma once

#include <string>
#include <string_view>

#include "analysis/check.hpp"
#include "report/terminal.hpp"

namespace untrack {

// Code, name, severity and summary of every check, one line each.
[[nodiscard]] std::string write_check_list(const Display& display);

// `output`: what the audit of the bad example prints; empty to leave it out.
[[nodiscard]] std::string write_check_text(const CheckInfo& check, std::string_view output,
                                           const Display& display);

// The same in Markdown, with the output of the bad example.
[[nodiscard]] std::string write_check_markdown(const CheckInfo& check, std::string_view output);

// docs/checks/README.md.
[[nodiscard]] std::string write_check_index();

}  // namespace untrack
