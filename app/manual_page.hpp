// The manual page of one command, written from the option table: untrack-COMMAND(1). What can be
// said of all commands, and at more length, stands in docs/untrack.1.
#pragma once

#include <string>
#include <string_view>

#include "app/option_table.hpp"

namespace untrack {

// roff, for man(7).
[[nodiscard]] std::string write_manual_page(const CommandRow& command, std::string_view version);

}  // namespace untrack
