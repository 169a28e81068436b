// The shell functions that every unload script carries: the text of library/*.sh, put together by
// embed.cmake. Used by script.cpp alone.
//
// POSIX sh with tr, awk, sed, grep, sort, mktemp and readlink as busybox has them; no `local`, no
// arrays, no process substitution. Conventions: a check returns 0 (go on), 3 (nothing to do) or
// anything else (refuse); what may hold text from rules or programs goes through printable().
#pragma once

#include <string_view>

namespace untrack {

// Ends with the call of main; what the plan says must stand before it.
[[nodiscard]] std::string_view script_library();

}  // namespace untrack
